/// JSON text, written straight into bytes.
package struct JSONWriter: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Appends text that is JSON already.
    package mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: text.description.utf8)
    }

    /// Appends text that is JSON already.
    package mutating func raw(bytes text: some Sequence<UInt8>) {
        bytes.append(contentsOf: text)
    }

    /// Appends a string in quotes, escaped so that the text may stand in a page too.
    package mutating func string(_ text: String) {
        JSONText.appendString(text, in: .page, to: &bytes)
    }

    /// Appends a number; JSON has none for NaN and infinity, so those become strings.
    package mutating func number(_ value: Double) {
        JSONText.appendDouble(value, to: &bytes)
    }

    /// Appends an integer.
    package mutating func number(_ value: some BinaryInteger) {
        raw(bytes: "\(value)".utf8)
    }
}
