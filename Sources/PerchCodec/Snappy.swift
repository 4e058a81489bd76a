import CSnappy

/// Snappy's block format, without framing, by libsnappy.
///
/// The body begins with the length of the plain bytes, which is checked before anything is
/// allocated. Source: github.com/google/snappy, format_description.txt.
enum Snappy {
    static func decompress(
        _ bytes: [UInt8], limit: Int
    ) throws(DecompressFailure) -> [UInt8] {
        guard let claimed = plainLength(bytes) else {
            throw .malformed("not valid snappy data", atByte: 0)
        }
        guard claimed <= limit else { throw .tooLarge(limit) }
        // An element of three bytes makes 64: nothing shorter can become so long.
        guard claimed / 64 <= bytes.count else {
            throw .malformed("not valid snappy data", atByte: 0)
        }
        var isValid = false
        // Safe: both pointers and counts are those of live buffers; libsnappy writes no more than
        // the capacity, and all of it when it answers that the data is valid.
        let output = unsafe [UInt8](unsafeUninitializedCapacity: claimed) { target, filled in
            var count = claimed
            let status = unsafe bytes.withUnsafeBytes { source in
                unsafe snappy_uncompress(
                    source.baseAddress?.assumingMemoryBound(to: CChar.self), source.count,
                    UnsafeMutableRawPointer(target.baseAddress)?
                        .assumingMemoryBound(to: CChar.self), &count)
            }
            isValid = status == SNAPPY_OK && count == claimed
            filled = isValid ? claimed : 0
        }
        guard isValid else { throw .malformed("not valid snappy data", atByte: 0) }
        return output
    }

    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count <= Int(UInt32.max) / 2 else { return nil }
        var output = [UInt8](repeating: 0, count: snappy_max_compressed_length(bytes.count))
        var count = output.count
        // Safe: both pointers and counts are those of live arrays, used within the closures.
        let status = unsafe output.withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { source in
                unsafe snappy_compress(
                    source.baseAddress?.assumingMemoryBound(to: CChar.self), source.count,
                    target.baseAddress?.assumingMemoryBound(to: CChar.self), &count)
            }
        }
        guard status == SNAPPY_OK, count <= output.count else { return nil }
        output.removeLast(output.count - count)
        return output
    }

    /// The length that the body says its plain bytes have, or nil when it says none.
    private static func plainLength(_ bytes: [UInt8]) -> Int? {
        var length = 0
        // Safe: the pointer and count are those of a live array, used within the closure.
        let status = unsafe bytes.withUnsafeBytes { source in
            unsafe snappy_uncompressed_length(
                source.baseAddress?.assumingMemoryBound(to: CChar.self), source.count, &length)
        }
        return status == SNAPPY_OK && length >= 0 ? length : nil
    }
}
