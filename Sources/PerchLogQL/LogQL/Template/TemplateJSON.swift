/// Reads JSON into values of templates.
struct TemplateJSON {
    private let bytes: [UInt8]
    private var place = 0
    private var count = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The value of the whole text, or nil when it is no JSON.
    mutating func whole() -> TemplateValue? {
        guard let value = value(depth: 0) else { return nil }
        skipBlank()
        return place == bytes.count ? value : nil
    }

    private mutating func skipBlank() {
        while place < bytes.count, bytes[place].isTemplateBlank { place += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipBlank()
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    private mutating func value(depth: Int) -> TemplateValue? {
        count += 1
        guard depth < Limits.jsonDepthMax, count < Limits.templateStepsMax else { return nil }
        skipBlank()
        guard place < bytes.count else { return nil }
        switch bytes[place] {
        case UInt8(ascii: "{"):
            place += 1
            return object(depth)
        case UInt8(ascii: "["):
            place += 1
            return list(depth)
        case UInt8(ascii: "\""): return string().map { .text($0) }
        default: return word()
        }
    }

    private mutating func object(_ depth: Int) -> TemplateValue? {
        var values: [String: TemplateValue] = [:]
        if take(UInt8(ascii: "}")) { return .map(values) }
        repeat {
            skipBlank()
            guard let key = string(), take(UInt8(ascii: ":")), let value = value(depth: depth + 1)
            else { return nil }
            values[key] = value
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}")) ? .map(values) : nil
    }

    private mutating func list(_ depth: Int) -> TemplateValue? {
        var values: [TemplateValue] = []
        if take(UInt8(ascii: "]")) { return .list(values) }
        repeat {
            guard let value = value(depth: depth + 1) else { return nil }
            values.append(value)
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]")) ? .list(values) : nil
    }

    private mutating func string() -> String? {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { return nil }
        let start = place
        place += 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard place < bytes.count else { return nil }
        place += 1
        var reader = JSONLine(Array(bytes[start..<place]))
        return reader.wholeString()
    }

    private mutating func word() -> TemplateValue? {
        let start = place
        while place < bytes.count,
            bytes[place].isLogQLLetter || bytes[place].isLogQLDigit
                || [0x2b, 0x2d, 0x2e].contains(bytes[place])
        {
            place += 1
        }
        switch String(decoding: bytes[start..<place], as: UTF8.self) {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return TemplateValue.none
        case let text: return Double(text).map { .double($0) }
        }
    }
}
