extension StringProtocol {
    /// The text without spaces and line breaks at its ends.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }
}

extension Unicode.Scalar {
    /// A letter, a digit or an underscore of ASCII, as `\w` has it.
    var isWord: Bool {
        switch value {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
        default: false
        }
    }
}
