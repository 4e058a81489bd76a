import CPerchBytes

/// Memory that was freed.
package enum FreeMemory {
    /// Gives it back to the machine, where the C library can be asked to.
    ///
    /// For the end of work that takes and frees tens of megabytes in many pieces, which the
    /// allocator would keep. It takes some milliseconds.
    package static func giveBack() { cperchbytes_trim() }
}
