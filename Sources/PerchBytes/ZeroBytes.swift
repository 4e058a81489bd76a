import CPerchBytes

/// Runs of zero bytes, of which preallocated files consist.
package enum ZeroBytes {
    /// How many bytes at the start of a part of an array are zero.
    package static func count(_ bytes: ArraySlice<UInt8>) -> Int {
        // Safe: the pointer covers the slice's bytes and does not outlive the call.
        unsafe bytes.withUnsafeBytes { source in
            unsafe cperchbytes_zero_count(source.baseAddress, source.count)
        }
    }
}
