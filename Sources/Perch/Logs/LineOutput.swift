import CPerchCrash

/// Standard output, for lines.
enum LineOutput {
    /// Writes a line; one that cannot be written is lost, for there is nowhere to say so.
    static let write: @Sendable ([UInt8]) -> Void = { line in
        // Safe: the array lives throughout the call, which reads as many bytes as it has.
        unsafe line.withUnsafeBufferPointer { unsafe cperchcrash_write($0.baseAddress, $0.count) }
    }
}
