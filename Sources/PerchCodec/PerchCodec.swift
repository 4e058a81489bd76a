// PerchCodec: compressed bytes in, plain bytes out, and back.
//
// Bodies of requests come compressed as their sender likes. This target turns them into plain bytes
// within a limit that the caller gives, so that a small body cannot become a large one. It knows
// nothing of protocols and does no I/O.
//
// Read in this order: ContentEncoding, Decompressor, Inflate, Zstd, Snappy, Compressor.
//
// Invariants
//   1. No more than the limit and one chunk is ever held, whatever the input claims.
//   2. All of the input is used: bytes after the end of the data are an error.
//   3. Pointers live within one call into the C library.
