import CZstd
import Synchronization

/// Compresses many blocks, one after the other, with one working memory, by libzstd.
///
/// The plain length is not in the result: whoever keeps the block keeps it.
///
/// Safe: the pointer never leaves, lives as long as the object, and is used by one caller at a time,
/// as the class is not Sendable.
@safe package final class BlockCompressor {
    private let context: OpaquePointer
    private var output: [UInt8] = []

    /// Nil when there is no memory.
    package init?() {
        // Safe: the pointer is freed in `deinit` only.
        guard let made = unsafe ZSTD_createCCtx() else { return nil }
        // Safe: just made.
        unsafe context = made
    }

    deinit {
        // Safe: nobody has the pointer any more.
        _ = unsafe ZSTD_freeCCtx(context)
    }

    /// Adds the compressed bytes, if they are fewer than `byteCountMax`; whether it did.
    package func append(
        _ bytes: Span<UInt8>, level: Int32, byteCountMax: Int, to result: inout [UInt8]
    ) -> Bool {
        let bound = ZSTD_compressBound(bytes.count)
        if output.count < bound { output = [UInt8](repeating: 0, count: bound) }
        // Safe: both pointers and their counts are those of live buffers, used within the closures.
        let count = unsafe output.withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { source in
                unsafe ZSTD_compressCCtx(
                    context, target.baseAddress, target.count, source.baseAddress, source.count,
                    level)
            }
        }
        guard ZSTD_isError(count) == 0, count < byteCountMax else { return false }
        result.append(contentsOf: output[..<count])
        return true
    }
}

/// Decompresses what ``BlockCompressor`` made.
package enum BlockDecompressor {
    /// Working memories that nobody uses just now: to make one takes as long as a small block.
    private static let spare = Mutex<[DecompressionContext]>([])
    private static let spareCountMax = 8

    /// The plain bytes, if there are exactly `byteCount`; else nil.
    ///
    /// The caller has a limit for `byteCount`, which is allocated before anything is read.
    package static func decompress(_ bytes: Span<UInt8>, byteCount: Int) -> [UInt8]? {
        guard let context = spare.withLock({ $0.popLast() }) ?? DecompressionContext() else {
            return nil
        }
        defer {
            spare.withLock { spare in
                if spare.count < spareCountMax { spare.append(context) }
            }
        }
        var isWhole = false
        // Safe: both pointers and counts are those of live buffers; libzstd writes no more than the
        // capacity, and all of it when it answers that count.
        let output = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { target, filled in
            let count = unsafe bytes.withUnsafeBytes { source in
                unsafe ZSTD_decompressDCtx(
                    context.pointer, target.baseAddress, byteCount, source.baseAddress,
                    source.count)
            }
            isWhole = ZSTD_isError(count) == 0 && count == byteCount
            filled = isWhole ? byteCount : 0
        }
        return isWhole ? output : nil
    }
}

/// What libzstd works in to decompress.
///
/// Safe: the pointer lives as long as the object, and whoever took the object from the list of spare
/// ones is alone with it until it is put back.
@safe private final class DecompressionContext: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Nil when there is no memory.
    init?() {
        // Safe: the pointer is freed in `deinit` only.
        guard let made = unsafe ZSTD_createDCtx() else { return nil }
        // Safe: just made.
        unsafe pointer = made
    }

    deinit {
        // Safe: nobody has the pointer any more.
        _ = unsafe ZSTD_freeDCtx(pointer)
    }
}
