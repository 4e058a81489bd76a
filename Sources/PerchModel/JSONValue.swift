/// A JSON value as the event store keeps it in text, read for showing.
package indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// As written, so that no digit is lost.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    package struct Member: Sendable, Hashable {
        package var name: String
        package var value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// Why bytes are no JSON, and where reading ended.
    package struct Failure: Error, Sendable, Equatable {
        package enum Reason: Sendable, Equatable {
            case notJSON
            case nestedTooDeep
            case moreAfterTheValue
        }

        package var reason: Reason
        package var atByte: Int

        package init(reason: Reason, atByte: Int) {
            self.reason = reason
            self.atByte = atByte
        }
    }

    /// How deep a value may be nested.
    package static let depthMax = 64

    /// The value of `text`, or nil when it is no JSON or nested deeper than 64.
    package init?(_ text: String) {
        guard let value = try? JSONValue(reading: Array(text.utf8)) else { return nil }
        self = value
    }

    /// The value of the bytes; the failure says where they stop to be one.
    package init(reading bytes: [UInt8]) throws(Failure) {
        var reader = JSONReader(bytes: bytes)
        guard let value = reader.value(depth: 0) else {
            throw Failure(
                reason: reader.isTooDeep ? .nestedTooDeep : .notJSON, atByte: reader.offset)
        }
        reader.skipSpace()
        guard reader.offset == bytes.count else {
            throw Failure(reason: .moreAfterTheValue, atByte: reader.offset)
        }
        self = value
    }

    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The value as people read it: text without quotes, the rest as JSON.
    package var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .string(let value): value
        case .array(let items): "[" + items.map(\.source).joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.map { JSONText.string($0.name) + ": " + $0.value.source }
                .joined(separator: ", ") + "}"
        }
    }

    /// The value as JSON.
    package var source: String {
        if case .string(let value) = self { return JSONText.string(value) }
        return text
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    var offset = 0
    var isTooDeep = false

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func skipSpace() {
        while let byte = peek, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { offset += 1 }
    }

    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func value(depth: Int) -> JSONValue? {
        guard depth < JSONValue.depthMax else {
            isTooDeep = true
            return nil
        }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return object(depth)
        case UInt8(ascii: "["): return array(depth)
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "t"): return word("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return word("false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return word("null") ? .null : nil
        default: return number()
        }
    }

    private mutating func take(_ byte: Character) -> Bool {
        skipSpace()
        guard peek == byte.asciiValue else { return false }
        offset += 1
        return true
    }

    private mutating func word(_ word: String) -> Bool {
        guard bytes[offset...].starts(with: word.utf8) else { return false }
        offset += word.utf8.count
        return true
    }

    private mutating func number() -> JSONValue? {
        let start = offset
        while let byte = peek, "+-.eE0123456789".utf8.contains(byte) { offset += 1 }
        let digits = String(decoding: bytes[start..<offset], as: UTF8.self)
        return Double(digits) == nil ? nil : .number(digits)
    }

    private mutating func array(_ depth: Int) -> JSONValue? {
        offset += 1
        var items: [JSONValue] = []
        if take("]") { return .array(items) }
        repeat {
            guard let item = value(depth: depth + 1) else { return nil }
            items.append(item)
        } while take(",")
        return take("]") ? .array(items) : nil
    }

    private mutating func object(_ depth: Int) -> JSONValue? {
        offset += 1
        var members: [JSONValue.Member] = []
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard peek == UInt8(ascii: "\""), let name = string(), take(":"),
                let item = value(depth: depth + 1)
            else { return nil }
            members.append(JSONValue.Member(name: name, value: item))
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    private mutating func string() -> String? {
        offset += 1
        var units: [UInt8] = []
        while let byte = peek {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard escape(into: &units) else { return nil }
            default: units.append(byte)
            }
        }
        return nil
    }

    private mutating func escape(into units: inout [UInt8]) -> Bool {
        guard let byte = peek else { return false }
        offset += 1
        switch byte {
        case UInt8(ascii: "n"): units.append(0x0a)
        case UInt8(ascii: "t"): units.append(0x09)
        case UInt8(ascii: "r"): units.append(0x0d)
        case UInt8(ascii: "b"): units.append(0x08)
        case UInt8(ascii: "f"): units.append(0x0c)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(byte)
        case UInt8(ascii: "u"):
            guard let first = unit() else { return false }
            var codes = [first]
            if (0xd800..<0xdc00).contains(first), bytes[offset...].starts(with: "\\u".utf8) {
                offset += 2
                guard let second = unit() else { return false }
                codes.append(second)
            }
            units.append(contentsOf: String(decoding: codes, as: UTF16.self).utf8)
        default: return false
        }
        return true
    }

    private mutating func unit() -> UInt16? {
        guard offset + 4 <= bytes.count else { return nil }
        var value: UInt16 = 0
        for byte in bytes[offset..<offset + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt16(digit)
        }
        offset += 4
        return value
    }
}
