import PerchWire
import Tracing

extension ProtoWriter {
    /// A span as `Span` in field 2 of `ScopeSpans`.
    ///
    /// Source: opentelemetry-proto, trace/v1.
    mutating func span(
        _ span: FinishedSpan, options: TracingOptions, redaction: Redaction, names: DeniedNames
    ) {
        message(field: 2) { writer in
            writer.id(field: 1, span.ids.traceID)
            writer.id(field: 2, span.ids.spanID)
            if let state = span.ids.state { writer.text(field: 3, state) }
            if let parent = span.parent { writer.id(field: 4, parent) }
            writer.text(field: 5, redaction.clean(span.name))
            writer.varint(field: 6, span.kind.number)
            writer.fixed64(field: 7, UInt64(clamping: span.start))
            writer.fixed64(field: 8, UInt64(clamping: span.start &+ span.duration))
            let left = writer.attributes(9, span.attributes, options, redaction, names)
            if left > 0 { writer.varint(field: 10, UInt64(left)) }
            for event in span.events {
                writer.message(field: 11) { writer in
                    writer.fixed64(field: 1, event.nanosecondsSinceEpoch)
                    writer.text(field: 2, redaction.clean(event.name))
                    _ = writer.attributes(3, event.attributes, options, redaction, names)
                }
            }
            if span.droppedEvents > 0 { writer.varint(field: 12, UInt64(span.droppedEvents)) }
            for link in span.links {
                guard let context = link.context.spanContext else { continue }
                writer.message(field: 13) { writer in
                    writer.id(field: 1, context.traceID)
                    writer.id(field: 2, context.spanID)
                    _ = writer.attributes(4, link.attributes, options, redaction, names)
                }
            }
            if span.droppedLinks > 0 { writer.varint(field: 14, UInt64(span.droppedLinks)) }
            if let status = span.status {
                writer.message(field: 15) { writer in
                    if let text = status.message { writer.text(field: 2, redaction.clean(text)) }
                    writer.varint(field: 3, status.code == .error ? 2 : 1)
                }
            }
        }
    }

    /// Writes attributes and answers how many were left out.
    private mutating func attributes(
        _ field: UInt32, _ attributes: SpanAttributes, _ options: TracingOptions,
        _ redaction: Redaction, _ names: DeniedNames
    ) -> Int {
        var count = 0
        attributes.forEach { key, value in
            count += 1
            guard count <= options.attributesMax else { return }
            attribute(
                field: field, key, redaction.clean(value, key: key, names),
                cut: options.attributeByteCountMax)
        }
        return max(0, count - options.attributesMax)
    }
}

extension Redaction {
    func clean(_ text: String) -> String {
        looksAtTexts ? masked(text) ?? text : text
    }

    /// A value for people.
    static func text(of value: SpanAttribute) -> String {
        switch value {
        case .int32(let number): "\(number)"
        case .int64(let number): "\(number)"
        case .double(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        case .string(let text): text
        case .stringConvertible(let value): value.description
        default: "\(value)"
        }
    }

    func clean(_ value: SpanAttribute, key: String, _ names: DeniedNames) -> SpanAttribute {
        if isDenied(key, names) { return .string(replacement(of: Self.text(of: value))) }
        guard looksAtTexts else { return value }
        switch value {
        case .string(let text): return .string(clean(text))
        case .stringConvertible(let value): return .string(clean(value.description))
        case .stringArray(let texts): return .stringArray(texts.map(clean))
        case .stringConvertibleArray(let values):
            return .stringArray(values.map { clean($0.description) })
        default: return value
        }
    }
}

extension SpanKind {
    /// OTLP's `SpanKind`.
    fileprivate var number: UInt64 {
        switch self {
        case .internal: 1
        case .server: 2
        case .client: 3
        case .producer: 4
        case .consumer: 5
        }
    }
}
