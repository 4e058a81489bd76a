import CZlib

/// Decompression by zlib.
enum Inflate {
    /// What stands around the compressed blocks.
    ///
    /// The value is zlib's `windowBits`.
    enum Format: Int32 {
        case raw = -15
        case zlib = 15
        case gzip = 31
    }

    /// Whether the first two bytes are a zlib header: method 8, and a multiple of 31 together (RFC
    /// 1950, section 2.2).
    ///
    /// A bare deflate stream looks so by chance once in about 500.
    static func looksLikeZlib(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 2 else { return true }
        return bytes[0] & 0x0f == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0
    }

    static func run(
        _ bytes: [UInt8], format: Format, limit: Int
    ) throws(DecompressFailure) -> [UInt8] {
        guard bytes.count <= Int(UInt32.max) else { throw .tooLarge(limit) }
        guard !bytes.isEmpty else { throw .malformed("no compressed data", atByte: 0) }
        var stream = unsafe z_stream()
        // Safe: `stream` outlives every use, and is released in the `defer` below.
        let started = unsafe inflateInit2_(
            &stream, format.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { throw .malformed("zlib could not start", atByte: 0) }
        // Safe: as above.
        defer { _ = unsafe inflateEnd(&stream) }
        var input = bytes
        var output: [UInt8] = []
        output.reserveCapacity(min(limit, bytes.count * 4))
        var chunk = [UInt8](repeating: 0, count: Limits.chunkBytes)
        var used = 0
        while true {
            // Safe: `step` leaves no pointer behind that is used again.
            let step = unsafe step(&stream, &input, from: used, into: &chunk)
            used += step.consumed
            guard step.produced <= limit - output.count else { throw .tooLarge(limit) }
            output.append(contentsOf: chunk[..<step.produced])
            switch step.status {
            case Z_STREAM_END:
                if used == bytes.count { return output }
                // Safe: as above.
                guard format == .gzip, unsafe inflateReset(&stream) == Z_OK else {
                    throw .malformed("bytes after the end of the compressed data", atByte: used)
                }
            case Z_OK where step.produced > 0 || step.consumed > 0:
                continue
            case Z_OK, Z_BUF_ERROR:
                throw .malformed("compressed data ends early", atByte: used)
            default:
                throw .malformed("not valid \(format) data", atByte: used)
            }
        }
    }

    /// One call of `inflate` from an offset of the input into the whole chunk.
    private static func step(
        _ stream: inout z_stream, _ input: inout [UInt8], from offset: Int,
        into chunk: inout [UInt8]
    ) -> (status: Int32, consumed: Int, produced: Int) {
        let available = input.count - offset
        let space = chunk.count
        // Safe: both pointers and their counts are those of live arrays, set before the call and
        // not used after it; `offset` is at most the input's count.
        let status = unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe chunk.withUnsafeMutableBufferPointer { target in
                unsafe stream.next_in = source.baseAddress.map { unsafe $0 + offset }
                unsafe stream.avail_in = UInt32(available)
                unsafe stream.next_out = target.baseAddress
                unsafe stream.avail_out = UInt32(space)
                return unsafe inflate(&stream, Z_NO_FLUSH)
            }
        }
        let consumed = unsafe available - Int(stream.avail_in)
        let produced = unsafe space - Int(stream.avail_out)
        return (status, consumed, produced)
    }
}
