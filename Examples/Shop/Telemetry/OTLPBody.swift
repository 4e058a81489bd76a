import NIOCore

/// The request bodies of OTLP over HTTP in their JSON form.
struct OTLPBody {
    let resources: [ServiceResource]

    func traces(_ spans: [FinishedSpan]) -> ByteBuffer {
        body("resourceSpans", "scopeSpans", "spans", grouped(spans, by: \.service)) { text, span in
            write(span, to: &text)
        }
    }

    func logs(_ records: [LogRecord]) -> ByteBuffer {
        body("resourceLogs", "scopeLogs", "logRecords", grouped(records, by: \.service)) {
            write($1, to: &$0)
        }
    }

    func metrics(_ state: MetricState, from start: Int64, to end: Int64) -> ByteBuffer {
        var metrics: [Metric] = []
        for (instrument, points) in state.points {
            for (service, series) in Dictionary(grouping: points, by: \.key.service) {
                metrics.append(
                    Metric(
                        service: service, instrument: instrument, start: start, end: end,
                        points: series.map { ($0.key.attributes, $0.value) }))
            }
        }
        return body(
            "resourceMetrics", "scopeMetrics", "metrics", grouped(metrics, by: \.service)
        ) { text, metric in metric.write(to: &text) }
    }

    private func grouped<Item>(
        _ items: [Item], by service: (Item) -> Int
    ) -> [(service: Int, items: [Item])] {
        Dictionary(grouping: items, by: service).sorted { $0.key < $1.key }
            .map { (service: $0.key, items: $0.value) }
    }

    private func body<Item>(
        _ outer: StaticString, _ scopes: StaticString, _ inner: StaticString,
        _ groups: [(service: Int, items: [Item])], _ write: (inout JSONText, Item) -> Void
    ) -> ByteBuffer {
        let count = groups.reduce(0) { $0 + $1.items.count }
        var text = JSONText(capacity: 1_024 + count * 768)
        text.object { text in
            text.key(outer)
            text.array(groups) { text, group in
                text.object { text in
                    text.key("resource")
                    text.object { $0.attributes(resources[group.service].attributes) }
                    text.key(scopes)
                    text.array(CollectionOfOne(group.items)) { text, items in
                        text.object { text in
                            text.key("scope")
                            text.object { text in
                                text.key("name")
                                text.string("shop")
                            }
                            text.key(inner)
                            text.array(items, write)
                        }
                    }
                }
            }
        }
        return text.buffer
    }

    private func write(_ span: FinishedSpan, to text: inout JSONText) {
        text.object { text in
            text.identity(span.context)
            if let parent = span.parentSpanID {
                text.key("parentSpanId")
                text.string(
                    TraceContext(
                        traceHigh: 0, traceLow: 0, spanID: parent
                    ).spanIDText)
            }
            text.key("flags")
            // The low byte is the sampled flag; the next bits say whether the parent is remote.
            text.number(span.kind == .server && span.parentSpanID != nil ? 0x301 : 0x101)
            text.key("name")
            text.string(span.name)
            text.key("kind")
            text.number(span.kind.rawValue)
            text.key("startTimeUnixNano")
            text.quoted(span.started)
            text.key("endTimeUnixNano")
            text.quoted(span.ended)
            text.attributes(span.attributes)
            text.key("events")
            text.array(span.events) { text, event in
                text.object { text in
                    text.key("timeUnixNano")
                    text.quoted(event.time)
                    text.key("name")
                    text.string(event.name)
                    text.attributes(event.attributes)
                }
            }
            text.key("links")
            text.array(span.links) { text, link in
                text.object { $0.identity(link) }
            }
            text.key("status")
            text.object { text in
                guard let failure = span.failure else { return }
                text.key("code")
                text.number(2)
                text.key("message")
                text.string(failure)
            }
        }
    }

    private func write(_ record: LogRecord, to text: inout JSONText) {
        text.object { text in
            text.key("timeUnixNano")
            text.quoted(record.time)
            text.key("observedTimeUnixNano")
            text.quoted(record.time)
            text.key("severityNumber")
            text.number(record.severity.rawValue)
            text.key("severityText")
            text.string(record.severity.text)
            if let name = record.eventName {
                text.key("eventName")
                text.string(name)
            }
            text.key("body")
            text.value(.string(record.body))
            text.attributes(record.attributes)
            if let context = record.context {
                text.identity(context)
                text.key("flags")
                text.number(1)
            }
        }
    }
}

extension JSONText {
    mutating func identity(_ context: TraceContext) {
        key("traceId")
        string(context.traceIDText)
        key("spanId")
        string(context.spanIDText)
    }

    mutating func attributes(_ attributes: Attributes) {
        key("attributes")
        array(attributes.sorted { $0.key < $1.key }) { text, attribute in
            text.object { text in
                text.key("key")
                text.string(attribute.key)
                text.key("value")
                text.value(attribute.value)
            }
        }
    }

    mutating func value(_ value: AttributeValue) {
        object { text in
            switch value {
            case .string(let string):
                text.key("stringValue")
                text.string(string)
            case .int(let int):
                text.key("intValue")
                text.quoted(int)
            case .double(let double):
                text.key("doubleValue")
                text.number(double)
            case .bool(let bool):
                text.key("boolValue")
                text.bool(bool)
            }
        }
    }
}
