/// Finds personal data and secrets in texts, each kind in one pass.
enum Detectors {
    typealias Kind = EventPolicySettings.Detector

    /// Whether bytes may hold anything, by a look at each byte once.
    static func mayHold(_ bytes: Span<UInt8>, _ kinds: Set<Kind>) -> Bool {
        guard !kinds.isEmpty else { return false }
        // Tokens have no byte of their own; few texts are without letters.
        if kinds.contains(.token), bytes.count >= 12 { return true }
        let (email, card, ip) = (
            kinds.contains(.email), kinds.contains(.card), kinds.contains(.ip)
        )
        var digits = 0
        for index in bytes.indices {
            let byte = bytes[index]
            if email, byte == UInt8(ascii: "@") { return true }
            if byte &- UInt8(ascii: "0") < 10 {
                digits += 1
                if card, digits >= 13 { return true }
            } else if ip, byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":") {
                return true
            }
        }
        return false
    }

    static func find(in bytes: [UInt8], _ kinds: Set<Kind>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        if kinds.contains(.email) { emails(bytes, &ranges) }
        if kinds.contains(.card) { cards(bytes, &ranges) }
        if kinds.contains(.token) { tokens(bytes, &ranges) }
        if kinds.contains(.ip) { addresses(bytes, &ranges) }
        return ranges
    }

    /// A local part, `@`, and a name with a dot and a top level of letters.
    private static func emails(_ bytes: [UInt8], _ ranges: inout [Range<Int>]) {
        for at in bytes.indices where bytes[at] == UInt8(ascii: "@") {
            var start = at
            while start > 0, isLocal(bytes[start - 1]) { start -= 1 }
            while start < at, bytes[start] == UInt8(ascii: ".") { start += 1 }
            var end = at + 1
            while end < bytes.count, isDomain(bytes[end]) { end += 1 }
            while end > at + 1, !isWord(bytes[end - 1]) { end -= 1 }
            let domain = bytes[(at + 1)..<end]
            guard start < at, let dot = domain.lastIndex(of: UInt8(ascii: ".")), dot > at + 1,
                end - dot > 2, domain[(dot + 1)...].allSatisfy({ isLetter($0) })
            else { continue }
            ranges.append(start..<end)
        }
    }

    /// 13 to 19 digits in groups joined by single blanks or dashes, whose check digit is right.
    private static func cards(_ bytes: [UInt8], _ ranges: inout [Range<Int>]) {
        var position = 0
        while position < bytes.count {
            guard isDigit(bytes[position]) else {
                position += 1
                continue
            }
            let start = position
            var digits: [UInt8] = []
            var end = position
            while position < bytes.count {
                if isDigit(bytes[position]) {
                    digits.append(bytes[position] &- UInt8(ascii: "0"))
                    position += 1
                    end = position
                } else if bytes[position] == 0x20 || bytes[position] == UInt8(ascii: "-"),
                    position + 1 < bytes.count, isDigit(bytes[position + 1])
                {
                    position += 1
                } else {
                    break
                }
            }
            let isInside =
                start > 0 && (isWord(bytes[start - 1]) || bytes[start - 1] == UInt8(ascii: "."))
                || end < bytes.count && (isWord(bytes[end]) || isFraction(bytes, end))
            if !isInside, (13...19).contains(digits.count), isCard(digits) {
                ranges.append(start..<end)
            }
        }
    }

    /// Luhn's check digit, and a first digit that issuers have.
    private static func isCard(_ digits: [UInt8]) -> Bool {
        guard let first = digits.first, (2...6).contains(first) else { return false }
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let value = Int(digit) * (place.isMultiple(of: 2) ? 1 : 2)
            sum += value > 9 ? value - 9 : value
        }
        return sum.isMultiple(of: 10)
    }

    /// What follows `Bearer` and `Basic`, JSON web tokens, and keys by their known beginnings.
    private static func tokens(_ bytes: [UInt8], _ ranges: inout [Range<Int>]) {
        var position = 0
        while position < bytes.count {
            guard isToken(bytes[position]), position == 0 || !isToken(bytes[position - 1]) else {
                position += 1
                continue
            }
            var end = position
            while end < bytes.count, isToken(bytes[end]) { end += 1 }
            let word = bytes[position..<end]
            if isScheme(word), end < bytes.count, bytes[end] == 0x20 {
                var last = end + 1
                while last < bytes.count, isToken(bytes[last]) || bytes[last] == UInt8(ascii: "=") {
                    last += 1
                }
                if last - end > 8 { ranges.append(end + 1..<last) }
                position = last
                continue
            }
            for (prefix, least) in prefixes where word.count >= least && word.starts(with: prefix) {
                ranges.append(position..<end)
                break
            }
            position = end
        }
    }

    private static func isScheme(_ word: ArraySlice<UInt8>) -> Bool {
        word.count >= 5 && word.count <= 6
            && (word.map { $0 | 0x20 }.elementsEqual("bearer".utf8)
                || word.map { $0 | 0x20 }.elementsEqual("basic".utf8))
    }

    /// Beginnings of keys as their services write them, and the least length of a whole one.
    private static let prefixes: [([UInt8], Int)] = [
        ("eyJ", 40), ("AKIA", 20), ("ASIA", 20), ("ghp_", 36), ("gho_", 36), ("ghs_", 36),
        ("ghu_", 36), ("github_pat_", 40), ("glpat-", 24), ("xoxb-", 20), ("xoxp-", 20),
        ("xoxa-", 20), ("sk_live_", 20), ("sk_test_", 20), ("rk_live_", 20), ("sk-", 32),
        ("AIza", 35), ("npm_", 36), ("hf_", 30), ("dop_v1_", 40), ("SG.", 40), ("whsec_", 24),
        ("pypi-", 40), ("shpat_", 32),
    ].map { (Array($0.0.utf8), $0.1) }

    /// Four numbers up to 255 with points, or hexadecimal groups with colons.
    private static func addresses(_ bytes: [UInt8], _ ranges: inout [Range<Int>]) {
        var position = 0
        while position < bytes.count {
            guard isHex(bytes[position]) || bytes[position] == UInt8(ascii: ":") else {
                position += 1
                continue
            }
            let start = position
            while position < bytes.count, isHex(bytes[position]) || isMark(bytes[position]) {
                position += 1
            }
            var end = position
            while end > start, bytes[end - 1] == UInt8(ascii: ".") { end -= 1 }
            let isInside =
                start > 0 && isWord(bytes[start - 1]) || end < bytes.count && isWord(bytes[end])
            guard !isInside else { continue }
            if let found = address(bytes, start..<end) { ranges.append(found) }
        }
    }

    private static func address(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        var range = range
        let colons = bytes[range].count { $0 == UInt8(ascii: ":") }
        // A port behind an address is none of its own.
        if colons == 1, bytes[range].contains(UInt8(ascii: ".")),
            let colon = bytes[range].firstIndex(of: UInt8(ascii: ":"))
        {
            range = range.lowerBound..<colon
        }
        if colons <= 1 { return isVersion4(bytes[range]) ? range : nil }
        if bytes[range].last == UInt8(ascii: ":"), colons > 2,
            bytes[range].dropLast().last != UInt8(ascii: ":")
        {
            range = range.lowerBound..<range.upperBound - 1
        }
        return isVersion6(bytes[range]) ? range : nil
    }

    private static func isVersion4(_ text: ArraySlice<UInt8>) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.count) && part.allSatisfy(isDigit)
                    && part.reduce(0) { $0 * 10 + Int($1 - 48) } <= 255
                    && (part.count == 1 || part.first != UInt8(ascii: "0"))
            }
    }

    /// Eight groups, or less with one `::`; a time of day has neither.
    ///
    /// A short form begins with it or has a group of three digits or more: `a::b` is rather a name
    /// in a program.
    private static func isVersion6(_ text: ArraySlice<UInt8>) -> Bool {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.allSatisfy({ $0.count <= 4 && $0.allSatisfy(isHex) }) else { return false }
        let filled = parts.count { !$0.isEmpty }
        let holes = parts.dropFirst().dropLast().count { $0.isEmpty }
        if filled == 8, parts.count == 8 { return true }
        guard holes >= 1, (1...7).contains(filled), parts.count <= 9 else { return false }
        return parts.first?.isEmpty == true
            || parts.contains { $0.count >= 3 }
                && text.count >= 3 && text.firstDoubleColonIsOnly
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }
    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || byte == UInt8(ascii: "_")
    }
    private static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 6
    }
    private static func isMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
    }
    private static func isFraction(_ bytes: [UInt8], _ place: Int) -> Bool {
        bytes[place] == UInt8(ascii: ".") && place + 1 < bytes.count && isDigit(bytes[place + 1])
    }
    private static func isLocal(_ byte: UInt8) -> Bool {
        isWord(byte) || ".+-%'".utf8.contains(byte) || byte >= 0x80
    }
    private static func isDomain(_ byte: UInt8) -> Bool {
        isWord(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte >= 0x80
    }
    private static func isToken(_ byte: UInt8) -> Bool {
        isWord(byte) || "-.~+/".utf8.contains(byte)
    }
}

extension ArraySlice<UInt8> {
    /// Whether `::` stands in it once.
    fileprivate var firstDoubleColonIsOnly: Bool {
        let colon = UInt8(ascii: ":")
        return zip(self, dropFirst()).count { $0 == colon && $1 == colon } == 1
    }
}
