/// Why a body could not be decompressed.
package enum DecompressFailure: Error, Sendable, Equatable {
    /// The plain bytes are more than the limit, which is given.
    ///
    /// Refuse with 413.
    case tooLarge(Int)
    /// The bytes are not what the encoding says.
    ///
    /// Refuse with 400.
    case malformed(String, atByte: Int)
}

/// Turns a compressed body into plain bytes.
package enum Decompressor {
    /// The plain bytes behind `bytes`, at most `limit` of them.
    ///
    /// gzip may have several members, one after the other (RFC 1952, section 2.2); deflate is the
    /// zlib format (RFC 1950), and the bare format (RFC 1951) that some senders use by mistake;
    /// zstd may have several frames; snappy is the block format, one block. Empty input is an error, except for `identity`.
    package static func decompress(
        _ bytes: [UInt8], encoding: ContentEncoding, limit: Int
    ) throws(DecompressFailure) -> [UInt8] {
        switch encoding {
        case .identity:
            guard bytes.count <= limit else { throw .tooLarge(limit) }
            return bytes
        case .gzip:
            return try Inflate.run(bytes, format: .gzip, limit: limit)
        case .deflate:
            let format: Inflate.Format = Inflate.looksLikeZlib(bytes) ? .zlib : .raw
            return try Inflate.run(bytes, format: format, limit: limit)
        case .zstd:
            return try Zstd.decompress(bytes, limit: limit)
        case .snappy:
            return try Snappy.decompress(bytes, limit: limit)
        }
    }
}
