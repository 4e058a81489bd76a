import CZstd

/// Decompression by libzstd.
enum Zstd {
    static func decompress(
        _ bytes: [UInt8], limit: Int
    ) throws(DecompressFailure) -> [UInt8] {
        guard !bytes.isEmpty else { throw .malformed("no compressed data", atByte: 0) }
        // Safe: the stream is used in this function only and freed in the `defer` below.
        guard let stream = unsafe ZSTD_createDStream() else {
            throw .malformed("zstd could not start", atByte: 0)
        }
        // Safe: as above.
        defer { _ = unsafe ZSTD_freeDStream(stream) }
        // Safe: as above.
        _ = unsafe ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Limits.zstdWindowLog)
        var output: [UInt8] = []
        output.reserveCapacity(min(limit, bytes.count * 4))
        var chunk = [UInt8](repeating: 0, count: Limits.chunkBytes)
        var used = 0
        while true {
            // Safe: the stream is live until the `defer` above.
            let step = unsafe step(stream, bytes, from: used, into: &chunk)
            used += step.consumed
            guard !step.failed else { throw .malformed("not valid zstd data", atByte: used) }
            guard step.produced <= limit - output.count else { throw .tooLarge(limit) }
            output.append(contentsOf: chunk[..<step.produced])
            if step.frameEnded, used == bytes.count { return output }
            if !step.frameEnded, used == bytes.count, step.produced < chunk.count {
                throw .malformed("compressed data ends early", atByte: used)
            }
        }
    }

    /// One call of the decoder from an offset of the input into the whole chunk.
    private static func step(
        _ stream: OpaquePointer, _ bytes: [UInt8], from offset: Int, into chunk: inout [UInt8]
    ) -> (failed: Bool, frameEnded: Bool, consumed: Int, produced: Int) {
        // Safe: both buffers are those of live arrays and used within the closures only; the
        // decoder stays within the sizes given.
        unsafe bytes.withUnsafeBufferPointer { source in
            unsafe chunk.withUnsafeMutableBufferPointer { target in
                var input = unsafe ZSTD_inBuffer(
                    src: source.baseAddress, size: source.count, pos: offset)
                var output = unsafe ZSTD_outBuffer(
                    dst: target.baseAddress, size: target.count, pos: 0)
                let status = unsafe ZSTD_decompressStream(stream, &output, &input)
                let failed = ZSTD_isError(status) != 0
                return unsafe (failed, status == 0, input.pos - offset, output.pos)
            }
        }
    }
}
