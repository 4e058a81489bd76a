package import PerchModel

/// Which fields the labels of LogQL are.
///
/// A label is a field's name with everything but letters and digits as underscores. The sender's
/// attributes come before the record's fields, those before attributes.
package struct LabelCatalog: Sendable {
    /// The level of a record, whoever wrote it.
    package static let level = "detected_level"
    /// The sender's name, which every record has.
    package static let service = "service_name"
    static let unknownService = "unknown_service"
    static let error = "__error__"
    static let errorDetails = "__error_details__"
    static let body = FieldReference(RecordField.body, space: .record)

    /// Fields of the record that are no labels of their own.
    private static let hidden: Set<String> = [
        RecordField.body, RecordField.weight, RecordField.observedTime, RecordField.flags,
        RecordField.droppedAttributes,
    ]

    private var fields: [String: [FieldReference]] = [:]

    /// Takes the fields that events have.
    package init(_ fields: [EventField]) {
        let order: [FieldSpace] = [.resource, .record, .attribute]
        for space in order {
            for field in fields where field.space == space {
                guard space != .record || !Self.hidden.contains(field.name) else { continue }
                let reference = FieldReference(field.name, space: space)
                self.fields[Self.label(field.name), default: []].append(reference)
            }
        }
    }

    /// The name of the label that a field is.
    package static func label(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { $0.isLogQLLetter || $0.isLogQLDigit }
        if isPlain, let first = name.utf8.first, !first.isLogQLDigit { return name }
        var bytes: [UInt8] = []
        for scalar in name.unicodeScalars {
            let byte = UInt8(ascii: scalar.isASCII ? scalar : "_")
            bytes.append(byte.isLogQLLetter || byte.isLogQLDigit ? byte : UInt8(ascii: "_"))
        }
        if bytes.first?.isLogQLDigit ?? true { bytes.insert(UInt8(ascii: "_"), at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The label that a column's values are, or nil when they are none.
    static func label(of column: Column) -> String? {
        column.space == .record && hidden.contains(column.name) ? nil : label(column.name)
    }

    /// The fields that a label may come from; the first that a row has counts.
    package func references(_ label: String) -> [FieldReference] { fields[label] ?? [] }

    /// What a label is where a row has none of its fields.
    static func missing(_ label: String) -> String {
        label == service ? unknownService : ""
    }

    /// The labels of senders, and those that every record has; sorted.
    package var streamLabels: [String] {
        let senders = fields.filter { $0.value.contains { $0.space == .resource } }.keys
        return Set(senders).union([Self.level, Self.service]).sorted()
    }

    /// All labels; sorted.
    package var labels: [String] {
        Set(fields.keys).union([Self.level, Self.service]).sorted()
    }

    /// What rows are grouped by for a label.
    func key(_ label: String) -> GroupingKey {
        label == Self.level ? .level : .field(references(label))
    }

    /// The fields that must be read to know a label.
    func columns(_ label: String) -> [FieldReference] {
        guard label == Self.level else { return references(label).filter { $0.space != .resource } }
        return [
            FieldReference(RecordField.severityNumber, space: .record),
            FieldReference(RecordField.severityText, space: .record),
        ]
    }
}

extension Resource {
    /// The labels of this sender, each once; without a level, which is a record's.
    func labelPairs() -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        var seen: Set<String> = []
        for attribute in attributes {
            let name = LabelCatalog.label(attribute.key)
            guard name != LabelCatalog.level, seen.insert(name).inserted else { continue }
            let text = attribute.value.text
            pairs.append((name, text.isEmpty ? LabelCatalog.missing(name) : text))
        }
        if !seen.contains(LabelCatalog.service) {
            pairs.append((LabelCatalog.service, LabelCatalog.unknownService))
        }
        return pairs
    }
}
