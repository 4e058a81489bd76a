import PerchModel

/// The fields of a line that mean something to us, found among all.
///
/// A field is taken only when its value makes sense for its role; else it stays an attribute.
/// Reused from line to line.
struct LineHead {
    private(set) var timeNanos: Int64?
    private(set) var severityNumber: Int64?
    /// The level as written; empty for none.
    private(set) var levelText: [UInt8] = []
    /// Empty for none, as are the ids.
    private(set) var traceID: [UInt8] = []
    private(set) var spanID: [UInt8] = []
    private(set) var service: [UInt8] = []
    /// The fields that say who sent the line, in its order.
    private(set) var senders: [Int] = []
    /// The field that each role has taken and its rank, by the role's raw value.
    private var taken: [Taken] = []
    private var levels = LevelCache()
    private var known = RoleCache()
    private var scratch: [UInt8] = []

    private struct Taken {
        var rank = Int.max
        var field = -1
    }

    /// The field that has a role, or nil.
    func field(_ role: LineRole) -> Int? {
        let field = taken[role.rawValue].field
        return field < 0 ? nil : field
    }

    /// Finds the roles of a line's fields anew; `roles` are the same each time.
    mutating func find(_ fields: inout LineFields, _ bytes: [UInt8], _ roles: LineRoles) {
        timeNanos = nil
        severityNumber = nil
        levelText.removeAll(keepingCapacity: true)
        traceID.removeAll(keepingCapacity: true)
        spanID.removeAll(keepingCapacity: true)
        service.removeAll(keepingCapacity: true)
        senders.removeAll(keepingCapacity: true)
        if taken.isEmpty { taken = LineRole.allCases.map { _ in Taken() } }
        for index in taken.indices { taken[index] = Taken() }
        for index in fields.fields.indices {
            let field = fields.fields[index]
            let entry =
                field.isNameInBody
                ? known.entry(bytes.span.extracting(field.name), key: field.key, roles)
                : known.entry(fields.paths.span.extracting(field.name), roles)
            guard let entry else { continue }
            if entry.role == .sender {
                if case .json = field.value { continue }
                if case .null = field.value { continue }
                senders.append(index)
                fields.fields[index].isConsumed = true
                continue
            }
            let best = taken[entry.role.rawValue]
            guard best.rank > entry.rank, take(entry.role, field.value, bytes) else { continue }
            if best.field >= 0 { fields.fields[best.field].isConsumed = false }
            taken[entry.role.rawValue] = Taken(rank: entry.rank, field: index)
            fields.fields[index].isConsumed = true
        }
    }

    private mutating func take(
        _ role: LineRole, _ value: LineField.Value, _ bytes: [UInt8]
    ) -> Bool {
        switch role {
        case .time: return takeTime(value, bytes)
        case .level: return takeLevel(value, bytes.span)
        case .severityNumber: return takeSeverity(value, bytes.span)
        case .message:
            switch value {
            case .string, .number, .bool: return true
            case .null, .json: return false
            }
        case .traceID:
            return Self.takeID(value, bytes.span, Identifier.traceBytes, &traceID)
        case .spanID: return Self.takeID(value, bytes.span, Identifier.spanBytes, &spanID)
        case .service:
            guard case .string(let string) = value, !string.range.isEmpty else { return false }
            service.removeAll(keepingCapacity: true)
            JSONUnescape.append(string, of: bytes.span, to: &service)
            return true
        case .exceptionType, .exceptionMessage, .exceptionStack:
            guard case .string = value else { return false }
            return true
        case .sender: return false
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

    private mutating func takeLevel(_ value: LineField.Value, _ bytes: Span<UInt8>) -> Bool {
        scratch.removeAll(keepingCapacity: true)
        switch value {
        case .string(let string): JSONUnescape.append(string, of: bytes, to: &scratch)
        case .number(let range):
            guard JSONNumber.int(bytes, range) != nil else { return false }
            scratch.append(bytes.extracting(range))
        default: return false
        }
        swap(&scratch, &levelText)
        // A number that stands beside the name says it better.
        if field(.severityNumber) == nil { severityNumber = levels.severity(levelText) }
        return true
    }

    private mutating func takeSeverity(_ value: LineField.Value, _ bytes: Span<UInt8>) -> Bool {
        guard case .number(let range) = value, let number = JSONNumber.int(bytes, range),
            (1...24).contains(number)
        else { return false }
        severityNumber = number
        return true
    }

    /// Takes the id that hex digits stand for; leaves `id` alone when they are none.
    private static func takeID(
        _ value: LineField.Value, _ bytes: Span<UInt8>, _ count: Int, _ id: inout [UInt8]
    ) -> Bool {
        guard case .string(let string) = value, string.range.count >= count * 2 else {
            return false
        }
        var end = string.range.upperBound
        // Google Cloud writes projects/NAME/traces/ID.
        while end > string.range.lowerBound, bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
        let start = end - count * 2
        guard start >= string.range.lowerBound,
            start == string.range.lowerBound || bytes[start - 1] == UInt8(ascii: "/")
        else { return false }
        let known = id.count
        guard Hex.append(bytes.extracting(start..<end), to: &id) else { return false }
        guard Identifier.isValid(id.span.extracting(known..<id.count), count: count) else {
            id.removeLast(count)
            return false
        }
        if known > 0 { id.removeFirst(known) }
        return true
    }
}
