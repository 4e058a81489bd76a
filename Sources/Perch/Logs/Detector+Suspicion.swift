extension Detector {
    /// The least bytes of anything but an address that is masked: a phone number with its `+`.
    private static let countMin = 10
    /// The least digits, with marks between them, of a number that is masked.
    static let digitsMin = 9

    /// Whether a text may hold anything that is masked; in doubt it may.
    ///
    /// One look at each byte, without a copy: an `@`, digits enough for a phone, or the first two
    /// letters of a token at the start of a word.
    static func isSuspicious(_ text: Span<UInt8>) -> Bool {
        guard text.count >= countMin else {
            for place in text.indices where text[place] == Byte.at { return true }
            return false
        }
        var digits = 0
        var last: UInt8 = 0
        var isStart = false
        let kinds = kinds
        for place in text.indices {
            let byte = text[place]
            let kind = kinds[Int(byte)]
            if kind & digit != 0 {
                digits &+= 1
                if digits >= digitsMin { return true }
            } else if kind & mark == 0 {
                if kind & at != 0 { return true }
                digits = 0
                if isStart, kind & second != 0, begins(last, byte) { return true }
            }
            // The second byte of a word is looked at together with the first.
            isStart = kinds[Int(last)] & token == 0
            last = byte
        }
        return false
    }

    // What a byte is, a bit each.
    private static let digit: UInt8 = 1
    /// May stand between digits.
    private static let mark: UInt8 = 2
    private static let at: UInt8 = 4
    /// The second letter of a token's beginning.
    private static let second: UInt8 = 8
    /// Stands within a token.
    private static let token: UInt8 = 16

    private static let kinds: [UInt8] = (0...255).map { number in
        let byte = UInt8(number)
        var kind: UInt8 = Byte.isToken(byte) ? token : 0
        if Byte.isDigit(byte) { kind |= digit }
        if byte == Byte.at { kind |= at }
        if "-. +()".utf8.contains(byte) { kind |= mark }
        if "eaykhKo".utf8.contains(byte) { kind |= second }
        return kind
    }

    /// Whether a secret that is masked begins with two letters.
    private static func begins(_ first: UInt8, _ second: UInt8) -> Bool {
        switch (first, second) {
        case (UInt8(ascii: "B"), UInt8(ascii: "e")), (UInt8(ascii: "b"), UInt8(ascii: "e")),
            (UInt8(ascii: "B"), UInt8(ascii: "a")), (UInt8(ascii: "b"), UInt8(ascii: "a")),
            (UInt8(ascii: "e"), UInt8(ascii: "y")), (UInt8(ascii: "s"), UInt8(ascii: "k")),
            (UInt8(ascii: "g"), UInt8(ascii: "h")), (UInt8(ascii: "A"), UInt8(ascii: "K")),
            (UInt8(ascii: "x"), UInt8(ascii: "o")):
            true
        default: false
        }
    }
}
