import PerchModel

/// Writes traces in the shape of Perch's own API.
///
/// Times are nanoseconds since 1970 as strings, since JavaScript's numbers lose the last digits;
/// durations are numbers of nanoseconds.
enum TraceWriter {
    /// Appends what a list shows of a trace.
    static func appendSummary(_ trace: Trace, to text: inout [UInt8]) {
        let checks = TraceChecks(trace)
        let root = trace.places[checks.root]
        let chunk = trace.chunk(of: root)
        var start = Int64.max
        var end = Int64.min
        var errorCount = 0
        var services: [String: Int] = [:]
        for place in trace.places {
            let chunk = trace.chunk(of: place)
            let time = chunk.batch.times[place.row]
            let duration = max(0, chunk.int(RecordField.duration, ofRow: place.row) ?? 0)
            let (last, overflow) = time.addingReportingOverflow(duration)
            start = min(start, time)
            end = max(end, overflow ? .max : last)
            if chunk.int(RecordField.statusCode, ofRow: place.row) == 2 { errorCount += 1 }
            services[chunk.batch.resource(ofRow: place.row).service, default: 0] += 1
        }
        text.append(contentsOf: #"{"trace_id":"\#(trace.id.text)","start":"\#(start)","#.utf8)
        text.append(contentsOf: #""duration":\#(end.subtractingClamped(start)),"#.utf8)
        text.append(contentsOf: #""spans":\#(trace.places.count),"errors":\#(errorCount),"#.utf8)
        text.append(contentsOf: #""root":{"service":"#.utf8)
        JSONText.appendString(chunk.batch.resource(ofRow: root.row).service, to: &text)
        text.append(contentsOf: #","name":"#.utf8)
        JSONText.appendString(chunk.text(RecordField.name, ofRow: root.row) ?? "", to: &text)
        text.append(contentsOf: #"},"services":{"#.utf8)
        for (index, service) in services.keys.sorted().enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            JSONText.appendString(service, to: &text)
            text.append(contentsOf: ":\(services[service] ?? 0)".utf8)
        }
        text.append(contentsOf: #"},"cut":\#(trace.isCut)}"#.utf8)
    }

    /// What ``appendSummary(_:to:)`` looks at.
    static let summaryFields = [
        RecordField.traceID, RecordField.spanID, RecordField.parentSpanID, RecordField.name,
        RecordField.duration, RecordField.statusCode,
    ]

    /// Appends a trace with all that is known of its spans.
    static func append(_ trace: Trace, to text: inout [UInt8]) {
        let checks = TraceChecks(trace)
        var resources: [Resource] = []
        var numbers: [Resource: Int] = [:]
        text.append(contentsOf: #"{"trace_id":"\#(trace.id.text)","cut":\#(trace.isCut),"#.utf8)
        text.append(contentsOf: #""root":\#(checks.root),"spans":["#.utf8)
        for (index, place) in trace.places.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            let chunk = trace.chunk(of: place)
            let resource = chunk.batch.resource(ofRow: place.row)
            let number = numbers[resource] ?? resources.count
            if number == resources.count {
                numbers[resource] = number
                resources.append(resource)
            }
            appendSpan(chunk, place.row, to: &text)
            text.append(contentsOf: #","resource":\#(number),"warnings":["#.utf8)
            let warnings = checks.warnings[index].map { JSONText.string($0) }
            text.append(contentsOf: warnings.joined(separator: ",").utf8)
            text.append(contentsOf: "]}".utf8)
        }
        text.append(contentsOf: #"],"resources":["#.utf8)
        for (index, resource) in resources.enumerated() {
            var fields = Fields()
            text.append(contentsOf: (index == 0 ? "{" : ",{").utf8)
            for attribute in resource.attributes {
                fields.append(attribute.key, attribute.value, to: &text)
            }
            text.append(UInt8(ascii: "}"))
        }
        text.append(contentsOf: "]}".utf8)
    }

    /// Appends a span without its closing brace.
    private static func appendSpan(_ chunk: SpanChunk, _ row: Int, to text: inout [UInt8]) {
        var fields = Fields()
        text.append(UInt8(ascii: "{"))
        func string(_ name: String, _ field: String) {
            guard let value = chunk.text(field, ofRow: row) else { return }
            fields.append(name, .string(value), to: &text)
        }
        string("span_id", RecordField.spanID)
        string("parent_span_id", RecordField.parentSpanID)
        fields.append("name", .string(chunk.text(RecordField.name, ofRow: row) ?? ""), to: &text)
        let kind = SpanWords.kind(chunk.int(RecordField.kind, ofRow: row))
        fields.append("kind", .string(kind ?? "unspecified"), to: &text)
        let service = chunk.batch.resource(ofRow: row).service
        fields.append("service", .string(service), to: &text)
        fields.append("start", .string(String(chunk.batch.times[row])), to: &text)
        let duration = chunk.int(RecordField.duration, ofRow: row) ?? 0
        fields.append("duration", .int(duration), to: &text)
        let status = SpanWords.status(chunk.int(RecordField.statusCode, ofRow: row))
        fields.append("status", .string(status), to: &text)
        string("status_message", RecordField.statusMessage)
        string("trace_state", RecordField.traceState)
        string("scope_name", RecordField.scopeName)
        string("scope_version", RecordField.scopeVersion)
        for count in [
            RecordField.droppedAttributes, RecordField.droppedEvents, RecordField.droppedLinks,
        ] {
            guard let value = chunk.int(count, ofRow: row) else { continue }
            fields.append(count, .int(value), to: &text)
        }
        // JSON already: the decoder wrote it.
        for list in [RecordField.events, RecordField.links] {
            fields.append(list, .json(chunk.text(list, ofRow: row) ?? "[]"), to: &text)
        }
        text.append(contentsOf: #","attributes":{"#.utf8)
        var attributes = Fields()
        chunk.forEachAttribute(ofRow: row) { attributes.append($0, $1, to: &text) }
        text.append(UInt8(ascii: "}"))
    }

    /// The members of one object.
    private struct Fields {
        var isFirst = true

        mutating func append(_ name: String, _ value: FieldValue, to text: inout [UInt8]) {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.appendString(name, to: &text)
            text.append(UInt8(ascii: ":"))
            switch value {
            case .int(let value): text.append(contentsOf: String(value).utf8)
            case .double(let value): JSONText.appendDouble(value, to: &text)
            case .bool(let value): text.append(contentsOf: (value ? "true" : "false").utf8)
            case .json(let value): text.append(contentsOf: value.utf8)
            case .string, .bytes, .id: JSONText.appendString(value.text, to: &text)
            }
        }
    }
}

extension Int64 {
    fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
        let (value, overflow) = subtractingReportingOverflow(other)
        return overflow ? .max : value
    }
}
