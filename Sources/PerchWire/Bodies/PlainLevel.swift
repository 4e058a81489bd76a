import PerchModel

/// Finds the level in the head of a plain line, where loggers that write text put it.
///
/// The head is what stands before the message: times, brackets, numbers, names of months. A word of
/// the message is never taken. Sources: the headers of klog and glog, RFC 3164's priority, and the
/// usual layouts of log4j, logback, Python, Go, .NET, nginx, Apache and PostgreSQL.
enum PlainLevel {
    struct Found: Equatable {
        /// The word or letter as it is written; empty for a priority of syslog.
        var word: Range<Int>
        var severity: Int64
        /// The severity of syslog, where that was written.
        var syslog: Int?
    }

    /// Bytes and words that a head has at most.
    private static let byteCountMax = 160
    private static let wordCountMax = 12

    static func find(_ text: Span<UInt8>) -> Found? {
        guard text.count >= 4 else { return nil }
        if let found = priority(text) ?? letter(text) { return found }
        let end = min(text.count, byteCountMax)
        var place = 0
        for number in 0..<wordCountMax {
            while place < end, isBlank(text[place]) { place += 1 }
            let start = place
            while place < end, !isBlank(text[place]) { place += 1 }
            // A word that the bound cuts says nothing.
            guard place > start, place < end || end == text.count else { return nil }
            let token = Token(text, start..<place)
            if let found = token.level(text, isFirst: number == 0) { return found }
            guard token.isHead(text) else { return nil }
        }
        return nil
    }

    /// The name of a severity of syslog, by RFC 5424's keywords.
    static let syslogNames = [
        "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
    ].map { Array($0.utf8) }

    /// `<34>` at the beginning: facility times eight and severity.
    private static func priority(_ text: Span<UInt8>) -> Found? {
        guard text[0] == UInt8(ascii: "<") else { return nil }
        var value = 0
        var place = 1
        while place < min(text.count, 4), text[place] &- UInt8(ascii: "0") < 10 {
            value = value * 10 + Int(text[place] &- UInt8(ascii: "0"))
            place += 1
        }
        guard place > 1, place < text.count, text[place] == UInt8(ascii: ">"), value <= 191,
            let severity = LevelText.severity(numbered: Int64(value & 7))
        else { return nil }
        return Found(word: 0..<0, severity: severity, syslog: value & 7)
    }

    /// `I1121 02:00:00…` as klog and glog begin: a letter, the day, the time.
    private static func letter(_ text: Span<UInt8>) -> Found? {
        guard text.count >= 14, text[5] == UInt8(ascii: " "), text[8] == UInt8(ascii: ":"),
            text[11] == UInt8(ascii: ":")
        else { return nil }
        for place in [1, 2, 3, 4, 6, 7, 9, 10, 12, 13]
        where text[place] &- UInt8(ascii: "0") > 9 { return nil }
        let severity: Int64
        switch text[0] {
        case UInt8(ascii: "D"): severity = 5
        case UInt8(ascii: "I"): severity = 9
        case UInt8(ascii: "W"): severity = 13
        case UInt8(ascii: "E"): severity = 17
        case UInt8(ascii: "F"): severity = 21
        default: return nil
        }
        return Found(word: 0..<1, severity: severity)
    }

    fileprivate static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// One word of a head.
    private struct Token {
        /// All of it, and its inside: without brackets and what parts it from the next.
        var range: Range<Int>
        var core: Range<Int>
        var isBracketed = false

        init(_ text: Span<UInt8>, _ range: Range<Int>) {
            self.range = range
            var (start, end) = (range.lowerBound, range.upperBound)
            while start < end, Self.isOpening(text[start]) {
                isBracketed = isBracketed || text[start] != UInt8(ascii: "-")
                start += 1
            }
            while start < end, Self.isClosing(text[end - 1]) { end -= 1 }
            core = start..<end
        }

        /// The level that it is.
        func level(_ text: Span<UInt8>, isFirst: Bool) -> Found? {
            var word = core
            // `[core:error]` of Apache, `ERROR:module:message` of Python.
            if let colon = word.first(where: { text[$0] == UInt8(ascii: ":") }) {
                if isBracketed {
                    word = (colon + 1)..<word.upperBound
                } else if isFirst {
                    word = word.lowerBound..<colon
                } else {
                    return nil
                }
            }
            guard (2...9).contains(word.count) else { return nil }
            var isUpper = true
            for place in word {
                guard (text[place] | 0x20) &- UInt8(ascii: "a") < 26 else { return nil }
                if text[place] & 0x20 != 0 { isUpper = false }
            }
            // `error: …` at the beginning, as compilers and .NET write it.
            let hasColon =
                isFirst && word.upperBound < range.upperBound
                && text[word.upperBound] == UInt8(ascii: ":")
            guard isUpper || isBracketed || hasColon else { return nil }
            return Words.severity(text, word).map { Found(word: word, severity: $0) }
        }

        /// Whether it may stand before a level.
        func isHead(_ text: Span<UInt8>) -> Bool {
            if isBracketed || core.isEmpty { return true }
            let last = text[range.upperBound - 1]
            if last == UInt8(ascii: "]") || last == UInt8(ascii: ")") || last == UInt8(ascii: "|") {
                return true
            }
            if last == UInt8(ascii: ","), core.count == 1 { return true }
            var isUpper = true
            for place in core {
                if text[place] &- UInt8(ascii: "0") < 10 { return true }
                if text[place] &- UInt8(ascii: "A") >= 26 { isUpper = false }
            }
            // Zones, and names of months and days.
            return core.count <= 5 && isUpper || core.count == 3 && Words.isDate(text, core)
        }

        private static func isOpening(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "[") || byte == UInt8(ascii: "(") || byte == UInt8(ascii: "<")
                || byte == UInt8(ascii: "|") || byte == UInt8(ascii: "-")
        }

        private static func isClosing(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "]") || byte == UInt8(ascii: ")") || byte == UInt8(ascii: ">")
                || byte == UInt8(ascii: "|") || byte == UInt8(ascii: ":")
                || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "-")
        }
    }

    /// The words of levels, packed: up to nine letters in lower case, eight of them in a number.
    private enum Words {
        private static let levels: [(key: UInt64, count: Int, severity: Int64)] = [
            "trace", "trce", "finest", "finer", "verbose", "debug", "dbug", "fine", "config",
            "info", "information", "note", "log", "notice", "warn", "warning", "error", "err",
            "fail", "severe", "critical", "crit", "alert", "fatal", "panic", "emergency", "emerg",
        ].compactMap { name in
            LevelText.severity(named: name).map { (key(Array(name.utf8)), name.utf8.count, $0) }
        }
        private static let dates: [UInt64] = [
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
            "mon", "tue", "wed", "thu", "fri", "sat", "sun",
        ].map { key(Array($0.utf8)) }

        static func severity(_ text: Span<UInt8>, _ word: Range<Int>) -> Int64? {
            let key = key(text, word)
            for level in levels where level.key == key && level.count == word.count {
                return level.severity
            }
            return nil
        }

        static func isDate(_ text: Span<UInt8>, _ word: Range<Int>) -> Bool {
            dates.contains(key(text, word))
        }

        private static func key(_ name: [UInt8]) -> UInt64 { key(name.span, name.indices) }

        private static func key(_ text: Span<UInt8>, _ word: Range<Int>) -> UInt64 {
            var key: UInt64 = 0
            for place in word.prefix(8) { key = key << 8 | UInt64(text[place] | 0x20) }
            return key
        }
    }
}
