import CZlib

/// Decompresses gzip piece by piece, for files that do not fit in memory.
///
/// The state of zlib stands in memory of its own, since zlib remembers where it is.
// Safe: the pointer is made in `init`, given to nobody, and freed in `deinit`.
@safe package final class GunzipStream {
    private let stream: UnsafeMutablePointer<z_stream>
    private var consumedCount = 0
    /// Whether the last member is complete.
    private var isComplete = false

    package init() throws(DecompressFailure) {
        // Safe: allocated here and freed in `deinit`, which runs once.
        unsafe stream = .allocate(capacity: 1)
        // Safe: as above; the memory is initialized before zlib sees it.
        unsafe stream.initialize(to: z_stream())
        // Safe: as above.
        let status = unsafe inflateInit2_(
            stream, Inflate.Format.gzip.rawValue, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .malformed("zlib could not start", atByte: 0) }
    }

    deinit {
        // Safe: the pointer is that of `init`; zlib takes a state that did not start too.
        _ = unsafe inflateEnd(stream)
        // Safe: as above; nothing uses it afterwards.
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    /// Appends to `output` what the next piece becomes: up to a thousand times its size.
    package func decompress(
        _ piece: [UInt8], to output: inout [UInt8]
    ) throws(DecompressFailure) {
        var input = piece
        var chunk = [UInt8](repeating: 0, count: Limits.chunkBytes)
        var used = 0
        while true {
            if isComplete, used < piece.count {
                // Another member follows (RFC 1952, section 2.2).
                // Safe: the pointer is that of `init`.
                guard unsafe inflateReset(stream) == Z_OK else {
                    throw .malformed("not valid gzip data", atByte: consumedCount)
                }
                isComplete = false
            }
            let (status, consumed, produced) = step(&input, from: used, into: &chunk)
            used += consumed
            consumedCount += consumed
            output.append(contentsOf: chunk[..<produced])
            switch status {
            case Z_STREAM_END:
                isComplete = true
                if used == piece.count { return }
            case Z_OK, Z_BUF_ERROR:
                if used == piece.count, produced < chunk.count { return }
            default:
                throw .malformed("not valid gzip data", atByte: consumedCount)
            }
        }
    }

    /// Throws when the data ended early.
    package func finish() throws(DecompressFailure) {
        guard isComplete else {
            throw .malformed("compressed data ends early", atByte: consumedCount)
        }
    }

    private func step(
        _ input: inout [UInt8], from offset: Int, into chunk: inout [UInt8]
    ) -> (status: Int32, consumed: Int, produced: Int) {
        let available = input.count - offset
        let space = chunk.count
        // Safe: the buffers are those of live arrays, set before the call and not used after it;
        // `offset` is at most the input's count.
        let status = unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe chunk.withUnsafeMutableBufferPointer { target in
                unsafe stream.pointee.next_in = source.baseAddress.map { unsafe $0 + offset }
                unsafe stream.pointee.avail_in = UInt32(available)
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = UInt32(space)
                return unsafe inflate(stream, Z_NO_FLUSH)
            }
        }
        let consumed = unsafe available - Int(stream.pointee.avail_in)
        let produced = unsafe space - Int(stream.pointee.avail_out)
        return (status, consumed, produced)
    }
}
