import PerchModel

/// A text of up to 32 bytes that is looked for at known places: compared by words, kept without a
/// reference.
struct ByteLiteral: Sendable {
    let count: Int
    /// The first eight bytes, little-endian; of a shorter text all, and zeros.
    private let head: UInt64
    /// The bits of `head` that are the text's.
    private let mask: UInt64
    private let second: UInt64
    private let third: UInt64
    /// The last eight bytes, when there are as many.
    private let tail: UInt64

    init(_ text: String) {
        let bytes = Array(text.utf8)
        precondition(bytes.count <= 32, "a literal of \(bytes.count) bytes")
        count = bytes.count
        func eight(_ start: Int) -> UInt64 {
            guard start >= 0, start < bytes.count else { return 0 }
            return bytes[start..<min(start + 8, bytes.count)].reversed()
                .reduce(0) { $0 << 8 | UInt64($1) }
        }
        head = eight(0)
        mask = count >= 8 ? .max : (1 << UInt64(count * 8)) - 1
        second = eight(8)
        third = eight(16)
        tail = eight(count - 8)
    }

    /// Whether the text stands in `bytes` at `position`.
    ///
    /// False within the last eight bytes, where words cannot be read: whoever asks has a slower way.
    @inline(__always)
    func stands(in bytes: Span<UInt8>, at position: Int) -> Bool {
        guard bytes.count &- position >= max(count, 8),
            word(bytes, at: position).littleEndian & mask == head
        else { return false }
        if count <= 8 { return true }
        guard word(bytes, at: position &+ count &- 8).littleEndian == tail else { return false }
        if count <= 16 { return true }
        guard word(bytes, at: position &+ 8).littleEndian == second else { return false }
        return count <= 24 || word(bytes, at: position &+ 16).littleEndian == third
    }
}
