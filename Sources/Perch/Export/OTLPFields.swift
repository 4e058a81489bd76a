import Logging
import PerchWire
import Tracing

/// Values as OTLP's `AnyValue` and `KeyValue`.
///
/// Source: opentelemetry-proto, common/v1.
extension ProtoWriter {
    mutating func text(field: UInt32, _ text: String) {
        bytes(field: field, text.utf8.span)
    }

    /// The field's number must be below 16.
    mutating func id(field: UInt8, _ id: TraceID) {
        bytes.append(field << 3 | 2)
        bytes.append(16)
        id.append(to: &bytes)
    }

    /// The field's number must be below 16.
    mutating func id(field: UInt8, _ id: SpanID) {
        bytes.append(field << 3 | 2)
        bytes.append(8)
        id.append(to: &bytes)
    }

    mutating func double(field: UInt32, _ value: Double) {
        fixed64(field: field, value.bitPattern)
    }

    mutating func message(field: UInt32, _ body: (inout ProtoWriter) -> Void) {
        let start = open(field: field)
        body(&self)
        close(start)
    }

    mutating func attribute(field: UInt32, _ key: String, _ text: String) {
        attribute(field: field, key.utf8.span, string: text.utf8.span)
    }

    mutating func attribute(field: UInt32, _ key: String, _ value: SpanAttribute, cut: Int) {
        message(field: field) { writer in
            writer.text(field: 1, key)
            writer.message(field: 2) { $0.any(value, cut: cut) }
        }
    }

    mutating func attribute(field: UInt32, _ key: String, _ value: LogValue) {
        if case .text(let text) = value {
            attribute(field: field, key, text)
            return
        }
        message(field: field) { writer in
            writer.text(field: 1, key)
            writer.message(field: 2) { $0.any(value) }
        }
    }

    private mutating func attribute(field: UInt32, _ key: String, _ value: Logger.MetadataValue) {
        message(field: field) { writer in
            writer.text(field: 1, key)
            writer.message(field: 2) { $0.any(value) }
        }
    }

    private mutating func any(_ value: SpanAttribute, cut: Int) {
        switch value {
        case .int32(let number): varint(field: 3, UInt64(bitPattern: Int64(number)))
        case .int64(let number): varint(field: 3, UInt64(bitPattern: number))
        case .double(let number): double(field: 4, number)
        case .bool(let flag): varint(field: 2, flag ? 1 : 0)
        case .string(let text): self.text(field: 1, Self.cut(text, cut))
        case .stringConvertible(let value): text(field: 1, Self.cut(value.description, cut))
        case .int32Array(let values): array(values.map { .int64(Int64($0)) }, cut)
        case .int64Array(let values): array(values.map { .int64($0) }, cut)
        case .doubleArray(let values): array(values.map { .double($0) }, cut)
        case .boolArray(let values): array(values.map { .bool($0) }, cut)
        case .stringArray(let values): array(values.map { .string($0) }, cut)
        case .stringConvertibleArray(let values):
            array(values.map { .string($0.description) }, cut)
        default: break
        }
    }

    private mutating func array(_ values: [SpanAttribute], _ cut: Int) {
        message(field: 5) { writer in
            for value in values { writer.message(field: 1) { $0.any(value, cut: cut) } }
        }
    }

    private mutating func any(_ value: LogValue) {
        switch value {
        case .text(let text): self.text(field: 1, text)
        case .flag(let flag): varint(field: 2, flag ? 1 : 0)
        case .int(let number): varint(field: 3, UInt64(bitPattern: number))
        // OTLP has no unsigned numbers.
        case .unsigned(let number) where number <= Int64.max: varint(field: 3, number)
        case .unsigned(let number): text(field: 1, number.description)
        case .double(let number): double(field: 4, number)
        case .nested(let value): any(value)
        }
    }

    private mutating func any(_ value: Logger.MetadataValue) {
        switch value {
        case .string, .stringConvertible: any(LogValue(value))
        case .array(let values):
            message(field: 5) { writer in
                for value in values { writer.message(field: 1) { $0.any(value) } }
            }
        case .dictionary(let values):
            message(field: 6) { writer in
                for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                    writer.attribute(field: 1, key, value)
                }
            }
        }
    }

    private static func cut(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        return String(decoding: text.utf8.prefix(limit), as: UTF8.self)
    }
}
