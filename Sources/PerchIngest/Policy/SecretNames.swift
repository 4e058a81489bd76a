/// Names of fields whose values nobody shall see, in any case and however their words are joined.
struct SecretNames: Sendable {
    private let names: [[UInt8]]

    init(_ names: [String]) {
        self.names = names.map { Self.plain(Array($0.utf8)[...]) }.filter { !$0.isEmpty }
    }

    /// Whether a field is called so: the whole name, or what stands behind its last dot.
    func contains(_ name: String) -> Bool {
        guard !names.isEmpty else { return false }
        let bytes = Array(name.utf8)
        let last = bytes.lastIndex(of: UInt8(ascii: ".")).map { bytes[($0 + 1)...] } ?? bytes[...]
        return names.contains(Self.plain(bytes[...])) || names.contains(Self.plain(last))
    }

    /// Whether a text may hold a name with a value.
    func mayStand(in bytes: Span<UInt8>) -> Bool {
        guard !names.isEmpty else { return false }
        for index in bytes.indices
        where bytes[index] == UInt8(ascii: "=") || bytes[index] == UInt8(ascii: ":") {
            return true
        }
        return false
    }

    /// Where the values of named keys stand in a text: `key=value`, `key: value`, `"key":"value"`,
    /// also where the quotes are escaped.
    func values(in bytes: [UInt8]) -> [Range<Int>] {
        guard !names.isEmpty else { return [] }
        var ranges: [Range<Int>] = []
        var position = 0
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "=") || bytes[position] == UInt8(ascii: ":"),
                isNamed(bytes, before: position)
            else {
                position += 1
                continue
            }
            let value = Self.value(bytes, after: position)
            if !value.isEmpty { ranges.append(value) }
            position = max(position + 1, value.upperBound)
        }
        return ranges
    }

    private func isNamed(_ bytes: [UInt8], before position: Int) -> Bool {
        var end = position
        while end > 0, Self.isBetween(bytes[end - 1]) { end -= 1 }
        var start = end
        while start > 0, Self.isName(bytes[start - 1]) { start -= 1 }
        guard start < end else { return false }
        let name = bytes[start..<end]
        let last = name.lastIndex(of: UInt8(ascii: ".")).map { name[($0 + 1)...] } ?? name
        return names.contains(Self.plain(name)) || names.contains(Self.plain(last))
    }

    private static func value(_ bytes: [UInt8], after position: Int) -> Range<Int> {
        var start = position + 1
        while start < bytes.count, bytes[start] == 0x20 { start += 1 }
        var slashes = 0
        while start < bytes.count, bytes[start] == UInt8(ascii: "\\") {
            start += 1
            slashes += 1
        }
        guard start < bytes.count else { return start..<start }
        let quote = bytes[start]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            return start..<plainEnd(bytes, start)
        }
        start += 1
        var end = start
        while end < bytes.count {
            if bytes[end] == UInt8(ascii: "\\"), end + 1 < bytes.count {
                // An escaped quote ends the value only where the first one was escaped, too.
                if slashes > 0, bytes[end + 1] == quote { break }
                end += 2
                continue
            }
            if bytes[end] == quote { break }
            end += 1
        }
        return start..<min(end, bytes.count)
    }

    private static func plainEnd(_ bytes: [UInt8], _ start: Int) -> Int {
        var end = start
        // `Authorization: Bearer x` has two words.
        if bytes[start...].starts(with: "Bearer ".utf8)
            || bytes[start...].starts(with: "Basic ".utf8)
        {
            while bytes[end] != 0x20 { end += 1 }
            end += 1
        }
        while end < bytes.count, !isEnd(bytes[end]) { end += 1 }
        return end
    }

    private static func isEnd(_ byte: UInt8) -> Bool {
        byte <= 0x20 || [",", ";", "&", "}", "]", ")", "\"", "'"].contains(UnicodeScalar(byte))
    }

    private static func isBetween(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
            || byte == UInt8(ascii: "\\")
    }

    private static func isName(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    /// Lower case, and without what joins words: `API-Key` and `apiKey` are one name.
    private static func plain(_ name: ArraySlice<UInt8>) -> [UInt8] {
        name.compactMap { byte in
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"): nil
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: byte
            }
        }
    }
}
