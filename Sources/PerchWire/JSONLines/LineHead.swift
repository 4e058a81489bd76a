import PerchModel

/// The fields of a line that mean something to us, found among all.
///
/// A field is taken only when its value makes sense for its role; else it stays an attribute.
struct LineHead {
    private(set) var timeNanos: Int64?
    private(set) var severityNumber: Int64?
    private(set) var levelText: [UInt8]?
    private(set) var message: Int?
    private(set) var traceID: [UInt8]?
    private(set) var spanID: [UInt8]?
    private(set) var service: String?
    private(set) var exceptionType: Int?
    private(set) var exceptionMessage: Int?
    private(set) var exceptionStack: Int?
    private var ranks: [LineRole: (rank: Int, field: Int)] = [:]

    static func find(
        _ fields: inout LineFields, _ bytes: [UInt8], _ roles: LineRoles
    ) -> LineHead {
        var head = LineHead()
        for index in fields.fields.indices {
            let field = fields.fields[index]
            guard let entry = roles.entry(fields.names, field.name) else { continue }
            let best = head.ranks[entry.role]
            if let best, best.rank <= entry.rank { continue }
            guard head.take(entry.role, field.value, bytes, index) else { continue }
            if let best { fields.fields[best.field].isConsumed = false }
            head.ranks[entry.role] = (entry.rank, index)
            fields.fields[index].isConsumed = true
        }
        return head
    }

    private mutating func take(
        _ role: LineRole, _ value: LineField.Value, _ bytes: [UInt8], _ index: Int
    ) -> Bool {
        switch role {
        case .time: return takeTime(value, bytes)
        case .level: return takeLevel(value, bytes)
        case .severityNumber: return takeSeverity(value, bytes)
        case .message:
            switch value {
            case .string, .number, .bool: message = index
            case .null, .json: return false
            }
            return true
        case .traceID: return takeID(value, bytes, Identifier.traceBytes, \.traceID)
        case .spanID: return takeID(value, bytes, Identifier.spanBytes, \.spanID)
        case .service:
            guard case .string(let string) = value, !string.range.isEmpty else { return false }
            service = Self.text(string, bytes)
            return true
        case .exceptionType, .exceptionMessage, .exceptionStack:
            guard case .string = value else { return false }
            switch role {
            case .exceptionType: exceptionType = index
            case .exceptionMessage: exceptionMessage = index
            default: exceptionStack = index
            }
            return true
        }
    }

    private mutating func takeTime(_ value: LineField.Value, _ bytes: [UInt8]) -> Bool {
        let time: Int64? =
            switch value {
            case .string(let string): TimeText.parse(bytes, string.range)
            case .number(let range): TimeText.epoch(bytes, range)
            default: nil
            }
        guard let time else { return false }
        timeNanos = time
        return true
    }

    private mutating func takeLevel(_ value: LineField.Value, _ bytes: [UInt8]) -> Bool {
        let number: Int64?
        switch value {
        case .string(let string):
            let name = Self.text(string, bytes)
            levelText = Array(name.utf8)
            number =
                LevelText.severity(named: name)
                ?? Int64(name).flatMap(LevelText.severity(numbered:))
        case .number(let range):
            guard let value = JSONNumber.int(bytes, range) else { return false }
            levelText = Array(bytes[range])
            number = LevelText.severity(numbered: value)
        default: return false
        }
        // A number that stands beside the name says it better.
        if ranks[.severityNumber] == nil { severityNumber = number }
        return true
    }

    private mutating func takeSeverity(_ value: LineField.Value, _ bytes: [UInt8]) -> Bool {
        guard case .number(let range) = value, let number = JSONNumber.int(bytes, range),
            (1...24).contains(number)
        else { return false }
        severityNumber = number
        return true
    }

    private mutating func takeID(
        _ value: LineField.Value, _ bytes: [UInt8], _ count: Int,
        _ target: WritableKeyPath<LineHead, [UInt8]?>
    ) -> Bool {
        guard case .string(let string) = value else { return false }
        // Google Cloud writes projects/NAME/traces/ID.
        let digits = bytes[string.range].split(separator: UInt8(ascii: "/")).last ?? []
        guard digits.count == count * 2, let id = Hex.decode(digits),
            Identifier.isValid(id.span, count: count)
        else { return false }
        self[keyPath: target] = id
        return true
    }

    private static func text(_ string: JSONString, _ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        JSONUnescape.append(string, of: bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
