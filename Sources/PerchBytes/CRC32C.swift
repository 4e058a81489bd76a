import CPerchBytes

/// CRC-32C (Castagnoli), as iSCSI, ext4 and most storage formats use it.
package enum CRC32C {
    /// The checksum of `bytes`; `seed` is the checksum of what comes before them.
    package static func checksum(_ bytes: Span<UInt8>, seed: UInt32 = 0) -> UInt32 {
        // Safe: the pointer covers the span's bytes and does not outlive the call.
        unsafe bytes.withUnsafeBytes { source in
            unsafe cperchbytes_crc32c(seed, source.baseAddress, source.count)
        }
    }

    /// The checksum of an array.
    package static func checksum(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        checksum(bytes.span, seed: seed)
    }

    /// The checksum of a part of an array.
    package static func checksum(_ bytes: ArraySlice<UInt8>, seed: UInt32 = 0) -> UInt32 {
        checksum(bytes.span, seed: seed)
    }

    /// The same checksum by the plain path: the oracle of the tests.
    package static func plainChecksum(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        // Safe: as above.
        unsafe bytes.withUnsafeBytes { source in
            unsafe cperchbytes_crc32c_plain(seed, source.baseAddress, source.count)
        }
    }
}
