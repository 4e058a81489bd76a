/// A pattern in the spelling that the linked RE2 takes.
enum PatternSource {
    /// Writes `(?<name>…)`, which Go takes since 1.22 and RE2 only in later versions, as
    /// `(?P<name>…)`, and refuses `\C`, which RE2 has and Go has not: it matches a part of a
    /// character.
    static func forRE2(_ pattern: [UInt8]) throws(RegexFailure) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(pattern.count)
        var index = 0
        var classStart: Int?
        var isQuoted = false
        while index < pattern.count {
            let byte = pattern[index]
            let next = index + 1 < pattern.count ? pattern[index + 1] : 0
            result.append(byte)
            index += 1
            if isQuoted {
                isQuoted = !(byte == UInt8(ascii: "\\") && next == UInt8(ascii: "E"))
            } else if byte == UInt8(ascii: "\\"), index < pattern.count {
                if next == UInt8(ascii: "C") {
                    throw RegexFailure(message: "invalid escape sequence: `\\C`")
                }
                isQuoted = next == UInt8(ascii: "Q") && classStart == nil
                result.append(next)
                index += 1
            } else if let start = classStart {
                if byte == UInt8(ascii: "["), next == UInt8(ascii: ":"),
                    let end = pattern[index...].firstIndex(of: UInt8(ascii: "]"))
                {
                    result += pattern[index...end]
                    index = end + 1
                } else if byte == UInt8(ascii: "]"), index - 1 > start {
                    classStart = nil
                }
            } else if byte == UInt8(ascii: "[") {
                classStart = next == UInt8(ascii: "^") ? index + 1 : index
            } else if byte == UInt8(ascii: "("), isNamed(pattern, index) {
                result += "?P<".utf8
                index += 2
            }
        }
        return result
    }

    /// Whether `?<` and no `?<=` or `?<!` stands here, which are no names.
    private static func isNamed(_ pattern: [UInt8], _ index: Int) -> Bool {
        guard index + 2 < pattern.count, pattern[index] == UInt8(ascii: "?"),
            pattern[index + 1] == UInt8(ascii: "<")
        else { return false }
        return pattern[index + 2] != UInt8(ascii: "=") && pattern[index + 2] != UInt8(ascii: "!")
    }
}
