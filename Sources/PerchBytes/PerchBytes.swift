// PerchBytes: bytes in memory, and the audit boundary for unsafe code.
//
// It turns numbers into bytes and back, sums them up, and compares them. It knows no file, no
// format and no protocol: those decide what the bytes mean.
//
// Read in this order: ByteFailure, LittleEndian, Varint, ByteReader, CRC32C, ConstantTime.
//
// Invariants
//   1. Nothing here traps on bytes from outside: a read past the end throws with its position.
//   2. Memory is allocated for what the bytes at hand can hold, never for a count they claim.
//   3. Everything on the disk is little-endian.
//
// Other targets see values, arrays and spans; a raw pointer never leaves this target.
