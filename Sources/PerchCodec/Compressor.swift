import CZlib
import CZstd

/// Turns plain bytes into a compressed body.
package enum Compressor {
    /// The compressed bytes, or nil when the library reports an error.
    package static func compress(_ bytes: [UInt8], encoding: ContentEncoding) -> [UInt8]? {
        switch encoding {
        case .identity: bytes
        case .gzip: deflate(bytes, format: .gzip)
        case .deflate: deflate(bytes, format: .zlib)
        case .zstd: zstd(bytes)
        case .snappy: Snappy.compress(bytes)
        }
    }

    /// zlib's output at its default level, with what `format` wants around it.
    static func deflate(_ bytes: [UInt8], format: Inflate.Format) -> [UInt8]? {
        guard bytes.count <= Int(UInt32.max) / 2 else { return nil }
        var stream = unsafe z_stream()
        // Safe: `stream` outlives every use, and is released in the `defer` below.
        let started = unsafe deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, format.rawValue, 8, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { return nil }
        // Safe: as above.
        defer { _ = unsafe deflateEnd(&stream) }
        var input = bytes
        // Safe: as above.
        let bound = unsafe Int(deflateBound(&stream, UInt(bytes.count))) + 32
        var output = [UInt8](repeating: 0, count: bound)
        // Safe: both pointers and their counts are those of live arrays, used within the closures.
        let status = unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe stream.next_in = source.baseAddress
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = target.baseAddress
                unsafe stream.avail_out = UInt32(target.count)
                return unsafe CZlib.deflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END else { return nil }
        let left = unsafe Int(stream.avail_out)
        output.removeLast(left)
        return output
    }

    private static func zstd(_ bytes: [UInt8]) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        // Safe: both pointers and their counts are those of live arrays, used within the closures.
        let count = unsafe output.withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { source in
                unsafe ZSTD_compress(
                    target.baseAddress, target.count, source.baseAddress, source.count, 1)
            }
        }
        guard ZSTD_isError(count) == 0 else { return nil }
        output.removeLast(output.count - count)
        return output
    }
}
