import PerchModel

/// Writes a trace as Jaeger's UI and Grafana's Jaeger data source read it.
///
/// Source: Jaeger's JSON model of its UI, and the collector's translation from OTLP (tags
/// `otel.scope.name`, `span.kind`, `otel.status_code`, `error`, …). See docs/traces.md.
struct JaegerTraceWriter {
    private let trace: Trace
    private let checks: TraceChecks
    private let idText: String
    private var processes: [Resource: Int] = [:]
    /// In the order of their numbers.
    private var resources: [Resource] = []
    /// What was written of each span id, so that a span that was sent twice is shown once.
    private var written: [UInt64: [Range<Int>]] = [:]

    private init(_ trace: Trace) {
        self.trace = trace
        checks = TraceChecks(trace)
        idText = trace.id.shortText
    }

    /// Appends the trace as an object.
    static func append(_ trace: Trace, to text: inout [UInt8]) {
        var writer = JaegerTraceWriter(trace)
        writer.append(to: &text)
    }

    private mutating func append(to text: inout [UInt8]) {
        text.append(contentsOf: #"{"traceID":"\#(idText)","spans":["#.utf8)
        var isFirst = true
        for (index, place) in trace.places.enumerated() {
            let start = text.count
            if !isFirst { text.append(UInt8(ascii: ",")) }
            let body = text.count
            span(place, to: &text)
            let id = trace.chunk(of: place).spanID(RecordField.spanID, ofRow: place.row) ?? 0
            let isRepeated = written[id, default: []].contains {
                text[$0].elementsEqual(text[body...])
            }
            if isRepeated {
                text.removeLast(text.count - start)
                continue
            }
            written[id, default: []].append(body..<text.count)
            isFirst = false
            warnings(checks.warnings[index], to: &text)
            text.append(UInt8(ascii: "}"))
        }
        text.append(contentsOf: #"],"processes":{"#.utf8)
        for (number, resource) in resources.enumerated() {
            text.append(contentsOf: "\(number == 0 ? "" : ",")\"p\(number + 1)\":".utf8)
            process(resource, to: &text)
        }
        text.append(UInt8(ascii: "}"))
        warnings(
            trace.isCut
                ? ["the trace has more spans than an answer holds; these are the first"] : [],
            to: &text)
        text.append(UInt8(ascii: "}"))
    }

    /// Appends all of a span but its warnings and the closing brace.
    private mutating func span(_ place: Trace.Place, to text: inout [UInt8]) {
        let chunk = trace.chunk(of: place)
        let row = place.row
        text.append(contentsOf: #"{"traceID":"\#(idText)","spanID":""#.utf8)
        text.append(contentsOf: (chunk.text(RecordField.spanID, ofRow: row) ?? "").utf8)
        text.append(UInt8(ascii: "\""))
        // Bit 0 is "sampled" (W3C Trace Context); Jaeger's flags know no other of OTLP's.
        if let flags = chunk.int(RecordField.flags, ofRow: row), flags & 1 != 0 {
            text.append(contentsOf: #","flags":1"#.utf8)
        }
        text.append(contentsOf: #","operationName":"#.utf8)
        JSONText.appendString(chunk.text(RecordField.name, ofRow: row) ?? "", to: &text)
        references(chunk, row, to: &text)
        let start = max(0, chunk.batch.times[row] / 1_000)
        let duration = max(0, chunk.int(RecordField.duration, ofRow: row) ?? 0) / 1_000
        text.append(contentsOf: #","startTime":\#(start),"duration":\#(duration),"tags":["#.utf8)
        tags(chunk, row, to: &text)
        text.append(contentsOf: #"],"logs":["#.utf8)
        logs(chunk, row, to: &text)
        let resource = chunk.batch.resource(ofRow: row)
        if processes[resource] == nil {
            resources.append(resource)
            processes[resource] = resources.count
        }
        text.append(contentsOf: #"],"processID":"p\#(processes[resource] ?? 0)""#.utf8)
    }

    private func tags(_ chunk: SpanChunk, _ row: Int, to text: inout [UInt8]) {
        var tags = JaegerTags()
        func string(_ key: String, _ field: String) {
            guard let value = chunk.text(field, ofRow: row), !value.isEmpty else { return }
            tags.string(key, value, to: &text)
        }
        string("otel.scope.name", RecordField.scopeName)
        string("otel.scope.version", RecordField.scopeVersion)
        chunk.forEachAttribute(ofRow: row) { tags.append($0, $1, to: &text) }
        if let kind = SpanWords.kind(chunk.int(RecordField.kind, ofRow: row)) {
            tags.string("span.kind", kind, to: &text)
        }
        switch chunk.int(RecordField.statusCode, ofRow: row) {
        case 1: tags.string("otel.status_code", "OK", to: &text)
        case 2:
            tags.string("otel.status_code", "ERROR", to: &text)
            tags.bool("error", true, to: &text)
        default: break
        }
        string("otel.status_description", RecordField.statusMessage)
        string("w3c.tracestate", RecordField.traceState)
    }

    /// The parent first; a link to the parent says of what kind the reference is.
    private func references(_ chunk: SpanChunk, _ row: Int, to text: inout [UInt8]) {
        var references: [(isChild: Bool, trace: String, span: String)] = []
        let parent = chunk.text(RecordField.parentSpanID, ofRow: row)
        if let parent { references.append((true, idText, parent)) }
        for link in chunk.array(RecordField.links, ofRow: row) {
            guard let id = link["trace_id"].flatMap({ TraceID($0.text) }),
                let span = link["span_id"]?.text, span.utf8.count == 16
            else { continue }
            let isChild = link["attributes"]?["opentracing.ref_type"]?.text == "child_of"
            if id == trace.id, span == parent {
                references[0].isChild = isChild
            } else {
                references.append((isChild, id.shortText, span))
            }
        }
        text.append(contentsOf: #","references":["#.utf8)
        for (index, reference) in references.enumerated() {
            let kind = reference.isChild ? "CHILD_OF" : "FOLLOWS_FROM"
            text.append(contentsOf: #"\#(index == 0 ? "" : ","){"refType":"\#(kind)","#.utf8)
            text.append(contentsOf: #""traceID":"\#(reference.trace)","spanID":"#.utf8)
            JSONText.appendString(reference.span, to: &text)
            text.append(UInt8(ascii: "}"))
        }
        text.append(UInt8(ascii: "]"))
    }

    private func logs(_ chunk: SpanChunk, _ row: Int, to text: inout [UInt8]) {
        for (index, event) in chunk.array(RecordField.events, ofRow: row).enumerated() {
            let time = max(0, event["time"].flatMap { Int64($0.text) } ?? 0) / 1_000
            let comma = index == 0 ? "" : ","
            text.append(contentsOf: #"\#(comma){"timestamp":\#(time),"fields":["#.utf8)
            var fields = JaegerTags()
            let attributes = event["attributes"]
            if let name = event["name"]?.text, !name.isEmpty, attributes?["event"] == nil {
                fields.string("event", name, to: &text)
            }
            if case .object(let members)? = attributes {
                for member in members { fields.append(member.name, member.value, to: &text) }
            }
            text.append(contentsOf: "]}".utf8)
        }
    }

    private func process(_ resource: Resource, to text: inout [UInt8]) {
        text.append(contentsOf: #"{"serviceName":"#.utf8)
        JSONText.appendString(resource.service, to: &text)
        text.append(contentsOf: #","tags":["#.utf8)
        var tags = JaegerTags()
        for attribute in resource.attributes where attribute.key != "service.name" {
            tags.append(attribute.key, attribute.value, to: &text)
        }
        text.append(contentsOf: "]}".utf8)
    }

    private func warnings(_ warnings: [String], to text: inout [UInt8]) {
        text.append(contentsOf: #","warnings":"#.utf8)
        guard !warnings.isEmpty else {
            text.append(contentsOf: "null".utf8)
            return
        }
        let items = warnings.map { JSONText.string($0) }.joined(separator: ",")
        text.append(contentsOf: "[\(items)]".utf8)
    }
}
