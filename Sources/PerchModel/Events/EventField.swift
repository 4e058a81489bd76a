/// A field that events have.
package struct EventField: Sendable, Hashable {
    package var name: String
    package var space: FieldSpace
    /// The kinds that its values have, ascending, each once.
    package var kinds: [ColumnKind]

    package init(name: String, space: FieldSpace, kinds: [ColumnKind]) {
        self.name = name
        self.space = space
        self.kinds = kinds
    }
}

/// The fields that somebody came across, up to a bound.
package struct EventFieldList: Sendable {
    private struct Key: Hashable {
        var name: String
        var space: FieldSpace
    }

    /// How many fields an answer names.
    package static let countMax = 10_000

    /// A bit a kind.
    private var kinds: [Key: UInt16] = [:]

    package init() {}

    /// Notes a field, if there is room.
    package mutating func add(_ name: String, _ space: FieldSpace, _ kind: ColumnKind) {
        let key = Key(name: name, space: space)
        let bit = UInt16(1) << UInt16(kind.rawValue)
        if let known = kinds[key] {
            if known & bit == 0 { kinds[key] = known | bit }
        } else if kinds.count < Self.countMax {
            kinds[key] = bit
        }
    }

    /// Notes fields.
    package mutating func add(_ fields: [EventField]) {
        for field in fields {
            for kind in field.kinds { add(field.name, field.space, kind) }
        }
    }

    /// Notes the fields of some senders.
    package mutating func add(_ resources: [Resource]) {
        for resource in resources {
            for attribute in resource.attributes {
                add(attribute.key, .resource, attribute.value.kind)
            }
        }
    }

    /// Notes the fields of a batch that has rows.
    package mutating func add(_ batch: EventBatch) {
        for column in batch.columns { add(column.name, column.space, column.kind) }
        add(batch.resources)
    }

    /// By name, then by space.
    package var fields: [EventField] {
        kinds.map { key, bits in
            EventField(
                name: key.name, space: key.space,
                kinds: ColumnKind.allCases.filter { bits >> UInt16($0.rawValue) & 1 == 1 })
        }.sorted { ($0.name, $0.space.rawValue) < ($1.name, $1.space.rawValue) }
    }
}

extension FieldValue {
    /// The kind of a column that holds this.
    package var kind: ColumnKind {
        switch self {
        case .int: .int
        case .double: .double
        case .bool: .bool
        case .string: .string
        case .bytes: .bytes
        case .json: .json
        case .id: .id
        }
    }
}
