extension Detector {
    /// Masks account numbers: two letters, two check digits, and what passes the check.
    ///
    /// Source: ISO 13616, "IBAN".
    mutating func maskAccounts() {
        var ranges: [Range<Int>] = []
        var position = 0
        while position + 15 <= bytes.count {
            let isStart = position == 0 || !Byte.isLocal(bytes[position - 1])
            if isStart, let end = accountEnd(position) {
                ranges.append(position..<end)
                position = end
            } else {
                position += 1
            }
        }
        replace(ranges)
    }

    private func accountEnd(_ start: Int) -> Int? {
        guard Byte.isUpper(bytes[start]), Byte.isUpper(bytes[start + 1]),
            Byte.isDigit(bytes[start + 2]), Byte.isDigit(bytes[start + 3])
        else { return nil }
        var signs: [UInt8] = []
        var end: Int?
        var position = start
        while position < bytes.count, signs.count < 34 {
            let byte = bytes[position]
            if Byte.isDigit(byte) || Byte.isUpper(byte) {
                signs.append(byte)
                position += 1
                let isWord =
                    position < bytes.count && Byte.isLocal(bytes[position])
                    && bytes[position] != Byte.dot
                if signs.count >= 15, !isWord, Self.passesCheck(signs) { end = position }
            } else if byte == Byte.blank, position + 1 < bytes.count {
                // Groups have blanks between them.
                position += 1
            } else {
                break
            }
        }
        return end
    }

    private static func passesCheck(_ signs: [UInt8]) -> Bool {
        var rest = 0
        for sign in signs[4...] + signs[..<4] {
            if Byte.isDigit(sign) {
                rest = (rest * 10 + Int(sign) - 0x30) % 97
            } else {
                rest = (rest * 100 + Int(sign) - 0x41 + 10) % 97
            }
        }
        return rest == 1
    }

    /// Masks phone numbers and social security numbers by the groups of their digits.
    mutating func maskPhones() {
        var ranges: [Range<Int>] = []
        var position = 0
        while position < bytes.count {
            let isStart = position == 0 || !Byte.isLocal(bytes[position - 1])
            let isNumber =
                Byte.isDigit(bytes[position]) || bytes[position] == Byte.plus
                || bytes[position] == UInt8(ascii: "(")
            guard isStart, isNumber else {
                position += 1
                continue
            }
            let number = Number(bytes, position)
            if number.isPhone { ranges.append(position..<number.end) }
            position = max(number.end, position + 1)
        }
        replace(ranges)
    }

    /// Digits in groups with single marks between them.
    private struct Number {
        private var groups: [Int] = []
        private var hasPlus = false
        private var isWord = false
        private var marks: Set<UInt8> = []
        /// After the last digit.
        private(set) var end: Int

        init(_ bytes: [UInt8], _ start: Int) {
            end = start
            var position = start
            if bytes[position] == Byte.plus {
                hasPlus = true
                position += 1
            }
            var count = 0
            var markCount = 0
            var pending: [UInt8] = []
            while position < bytes.count {
                let byte = bytes[position]
                if Byte.isDigit(byte) {
                    if markCount > 0, count > 0 {
                        groups.append(count)
                        count = 0
                    }
                    if end > start { marks.formUnion(pending) }
                    pending = []
                    markCount = 0
                    count += 1
                    end = position + 1
                } else if markCount < 2, "-. ()".utf8.contains(byte) {
                    markCount += 1
                    pending.append(byte)
                } else {
                    break
                }
                position += 1
            }
            if count > 0 { groups.append(count) }
            // Digits that go on as a word, but for an extension, are no number.
            isWord =
                end < bytes.count && Byte.isLetter(bytes[end])
                && bytes[end] != UInt8(ascii: "x")
        }

        var isPhone: Bool {
            guard !isWord else { return false }
            let digits = groups.reduce(0, +)
            if hasPlus { return (Detector.digitsMin...15).contains(digits) }
            // With the code of a country, which is 1 or 001 where there is no plus.
            var rest = groups[...]
            if rest.count == 4, rest.first == 1 || rest.first == 3 { rest = rest.dropFirst() }
            if Array(rest) == [3, 3, 4] { return true }
            return Array(groups) == [3, 2, 4] && marks == [Byte.dash]
        }
    }
}
