/// A line of `key=value` pairs.
///
/// Source: github.com/go-logfmt, "Grammar"; values in quotes have JSON's escapes.
enum LogfmtLine {
    struct Parsed {
        var pairs: [(name: String, value: String)] = []
        /// What is wrong with the line, if something is.
        var failure: String?
    }

    /// What can be read of a line; strictly, nothing is read behind a mistake.
    ///
    /// Only what is wanted, where that is said: the test gets the bytes of a key.
    static func pairs(
        _ line: [UInt8], isStrict: Bool, isWanted: (ArraySlice<UInt8>) -> Bool = { _ in true }
    ) -> Parsed {
        var parsed = Parsed()
        var place = 0
        while place < line.count {
            while place < line.count, line[place] <= 0x20 { place += 1 }
            guard place < line.count else { break }
            let start = place
            while place < line.count, isKey(line[place]) { place += 1 }
            guard place > start else {
                parsed.failure =
                    "logfmt syntax error at pos \(place + 1) : unexpected '"
                    + "\(Character(Unicode.Scalar(line[place])))'"
                if isStrict { return parsed }
                while place < line.count, line[place] > 0x20 { place += 1 }
                continue
            }
            let key = line[start..<place]
            guard place < line.count, line[place] == UInt8(ascii: "=") else {
                guard place >= line.count || line[place] <= 0x20 else {
                    parsed.failure = "logfmt syntax error at pos \(place + 1) : unexpected '\"'"
                    if isStrict { return parsed }
                    while place < line.count, line[place] > 0x20 { place += 1 }
                    continue
                }
                if isWanted(key) { parsed.pairs.append((text(key), "")) }
                continue
            }
            place += 1
            guard place < line.count, line[place] == UInt8(ascii: "\"") else {
                let begin = place
                while place < line.count, line[place] > 0x20, line[place] != UInt8(ascii: "\"") {
                    place += 1
                }
                if place < line.count, line[place] == UInt8(ascii: "\"") {
                    parsed.failure = "logfmt syntax error at pos \(place + 1) : unexpected '\"'"
                    if isStrict { return parsed }
                    while place < line.count, line[place] > 0x20 { place += 1 }
                    continue
                }
                if isWanted(key) { parsed.pairs.append((text(key), text(line[begin..<place]))) }
                continue
            }
            guard let value = quoted(line, &place) else {
                parsed.failure =
                    "logfmt syntax error at pos \(line.count + 1) : unterminated quoted value"
                return parsed
            }
            if isWanted(key) { parsed.pairs.append((text(key), value)) }
        }
        return parsed
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func isKey(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != UInt8(ascii: "=") && byte != UInt8(ascii: "\"")
    }

    private static func quoted(_ line: [UInt8], _ place: inout Int) -> String? {
        let start = place
        place += 1
        while place < line.count, line[place] != UInt8(ascii: "\"") {
            place += line[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard place < line.count else { return nil }
        let content = Array(line[start...place])
        place += 1
        var reader = JSONLine(content)
        return reader.wholeString()
            ?? String(decoding: content.dropFirst().dropLast(), as: UTF8.self)
    }
}
