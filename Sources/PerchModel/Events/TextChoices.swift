/// Texts of which a value must be one, read once into every form that a column may hold.
package struct TextChoices: Sendable {
    private var texts = ByteInterner()
    private var ids = ByteInterner()
    private var ints: Set<Int64> = []
    private var doubles: Set<UInt64> = []
    private var hasNaN = false

    package init(_ choices: [String]) {
        for text in choices {
            let bytes = Array(text.utf8)
            _ = texts.code(of: bytes.span)
            if let int = Int64(text), String(int) == text { ints.insert(int) }
            if let double = Double(text), String(double) == text {
                if double.isNaN { hasNaN = true } else { doubles.insert(double.bitPattern) }
            }
            if let id = Hex.decode(bytes), Hex.encode(id) == text { _ = ids.code(of: id.span) }
        }
    }

    @inline(__always)
    func contains(text: Span<UInt8>) -> Bool { texts.known(text) != nil }

    /// Whether the lower-case hex of these bytes is a choice.
    @inline(__always)
    func contains(id: Span<UInt8>) -> Bool { ids.known(id) != nil }

    func contains(_ int: Int64) -> Bool { ints.contains(int) }

    /// The shortest text is one number's only, but for NaN, which has many bit patterns.
    func contains(_ double: Double) -> Bool {
        double.isNaN ? hasNaN : doubles.contains(double.bitPattern)
    }
}
