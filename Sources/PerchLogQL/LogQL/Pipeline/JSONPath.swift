/// Where in a JSON value something stands: `servers[0].name`, `headers["User-Agent"]`.
struct JSONPath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case key([UInt8])
        case index(Int)
    }

    let steps: [Step]

    /// Nil when the text is no path.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        var steps: [Step] = []
        var place = 0
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "[") {
                guard let step = Self.bracket(bytes, &place) else { return nil }
                steps.append(step)
                continue
            }
            if bytes[place] == UInt8(ascii: ".") {
                guard !steps.isEmpty else { return nil }
                place += 1
            } else if !steps.isEmpty {
                return nil
            }
            let start = place
            while place < bytes.count, bytes[place] != UInt8(ascii: "."),
                bytes[place] != UInt8(ascii: "[")
            {
                guard
                    bytes[place].isLogQLLetter || bytes[place].isLogQLDigit
                        || bytes[place] == UInt8(ascii: "-") || bytes[place] >= 0x80
                else { return nil }
                place += 1
            }
            guard place > start else { return nil }
            steps.append(.key(Array(bytes[start..<place])))
        }
        guard !steps.isEmpty, steps.count <= Limits.jsonDepthMax else { return nil }
        self.steps = steps
    }

    private static func bracket(_ bytes: [UInt8], _ place: inout Int) -> Step? {
        place += 1
        guard place < bytes.count else { return nil }
        if bytes[place] == UInt8(ascii: "\"") {
            let start = place + 1
            place += 1
            while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "]"),
                let key = LogQLText.unquote(bytes[start..<place])
            else { return nil }
            place += 2
            return .key(Array(key.utf8))
        }
        let start = place
        while place < bytes.count, bytes[place].isLogQLDigit { place += 1 }
        guard place < bytes.count, bytes[place] == UInt8(ascii: "]"),
            let index = Int(String(decoding: bytes[start..<place], as: UTF8.self))
        else { return nil }
        place += 1
        return .index(index)
    }
}
