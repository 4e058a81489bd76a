package import PerchModel

/// One span of a trace's page.
package struct SpanRow: Sendable, Hashable {
    package var id: String
    package var parentID: String?
    package var name: String
    package var service: String
    /// OTLP's SpanKind.
    package var kind: Int64 = 0
    package var startNanos: Int64
    package var durationNanos: Int64 = 0
    /// OTLP's StatusCode.
    package var statusCode: Int64 = 0
    package var statusMessage: String?
    package var attributes: [FieldText] = []
    package var resource: [FieldText] = []
    /// As stored: a JSON array.
    package var eventsJSON: String?
    package var linksJSON: String?
    /// How many ancestors it has on the page.
    package var depth = 0

    package init(id: String, name: String, service: String, startNanos: Int64) {
        self.id = id
        self.name = name
        self.service = service
        self.startNanos = startNanos
    }

    package var isError: Bool { statusCode == 2 }

    package var endNanos: Int64 {
        let (end, overflow) = startNanos.addingReportingOverflow(max(0, durationNanos))
        return overflow ? .max : end
    }
}

/// A whole trace.
package struct TraceDetail: Sendable, Hashable {
    package var id: String
    /// Parents before their children, siblings by start.
    package var spans: [SpanRow]
    package var logs: [LogRow]
    package var notices: [String]

    package init(id: String, spans: [SpanRow], logs: [LogRow], notices: [String] = []) {
        self.id = id
        self.spans = TraceTree.ordered(spans)
        self.logs = logs
        self.notices = notices
    }

    package var startNanos: Int64 { spans.map(\.startNanos).min() ?? 0 }
    package var endNanos: Int64 { spans.map(\.endNanos).max() ?? 0 }
    package var errorCount: Int { spans.count(where: \.isError) }
    package var services: [String] { Set(spans.map(\.service)).sorted() }
}

extension PageQueries {
    /// The trace of this id with its logs, or nil when there is neither.
    ///
    /// Needs no time range.
    package func trace(_ id: String) async throws(StoreFailure) -> TraceDetail? {
        let id = Self.normalized(id)
        var query = EventQuery(dataset: .spans, times: 0..<Int64.max)
        query.predicate = .equals(FieldReference(RecordField.traceID, space: .record), id)
        query.order = .oldestFirst
        query.limit = Limits.traceSpansMax
        var spans: [SpanRow] = []
        var cursor = events.read(query)
        while let batch = try await cursor.next() {
            for row in 0..<batch.rowCount { spans.append(Self.span(batch, row)) }
        }
        let logs = try await logs(ofTrace: id)
        guard !spans.isEmpty || !logs.isEmpty else { return nil }
        var notices: [String] = []
        if spans.count >= Limits.traceSpansMax {
            notices.append("The first \(Units.count(spans.count)) spans are shown.")
        }
        if logs.count >= Limits.traceLogsMax {
            notices.append("The first \(Units.count(logs.count)) log records are shown.")
        }
        return TraceDetail(id: id, spans: spans, logs: logs, notices: notices)
    }

    /// One span of a trace with its logs and what its operation usually takes, or nil.
    package func span(
        _ id: String, ofTrace trace: String
    ) async throws(StoreFailure) -> SpanPage? {
        let (id, trace) = (Self.normalized(id), Self.normalized(trace))
        let inTrace = EventPredicate.equals(
            FieldReference(RecordField.traceID, space: .record), trace)
        let isSpan = EventPredicate.equals(FieldReference(RecordField.spanID, space: .record), id)
        var query = EventQuery(dataset: .spans, times: 0..<Int64.max)
        query.predicate = .and([inTrace, isSpan])
        query.limit = 1
        var cursor = events.read(query)
        guard let batch = try await cursor.next(), batch.rowCount > 0 else { return nil }
        let span = Self.span(batch, 0)
        let usual = try await usualDurations([span], upTo: span.startNanos)
        let logs = try await logs(ofTrace: trace).filter { $0.spanID == id }
        return SpanPage(traceID: trace, span: span, usual: usual.values.first, logs: logs)
    }

    /// Ids that are W3C ids are kept in lower case.
    private static func normalized(_ id: String) -> String {
        id.utf8.allSatisfy { Hex.value(of: $0) != nil } ? id.lowercased() : id
    }

    private static func span(_ batch: EventBatch, _ row: Int) -> SpanRow {
        let resource = batch.resource(ofRow: row)
        var span = SpanRow(
            id: "", name: "", service: resource.service, startNanos: batch.times[row])
        span.resource = resource.attributes.map { FieldText(name: $0.key, text: $0.value.text) }
        for column in batch.columns {
            guard let place = column.index(ofRow: row) else { continue }
            let value = column.value(at: place)
            guard column.space == .record else {
                span.attributes.append(FieldText(name: column.name, text: value.text))
                continue
            }
            let number: Int64 = if case .int(let number) = value { number } else { 0 }
            switch column.name {
            case RecordField.spanID: span.id = value.text
            case RecordField.parentSpanID: span.parentID = value.text.isEmpty ? nil : value.text
            case RecordField.name: span.name = value.text
            case RecordField.kind: span.kind = number
            case RecordField.duration: span.durationNanos = number
            case RecordField.statusCode: span.statusCode = number
            case RecordField.statusMessage: span.statusMessage = value.text
            case RecordField.events: span.eventsJSON = value.text
            case RecordField.links: span.linksJSON = value.text
            case RecordField.traceID, RecordField.flags: break
            default: span.attributes.append(FieldText(name: column.name, text: value.text))
            }
        }
        span.attributes.sort { $0.name < $1.name }
        return span
    }
}

/// Puts spans under their parents.
enum TraceTree {
    /// Parents first, siblings by start, with depths.
    ///
    /// Spans whose parent is not there, or that are each other's ancestors, stand at the top:
    /// nothing is lost.
    static func ordered(_ spans: [SpanRow]) -> [SpanRow] {
        var children: [String: [Int]] = [:]
        let ids = Set(spans.map(\.id))
        var roots: [Int] = []
        let byStart = spans.indices.sorted { spans[$0].startNanos < spans[$1].startNanos }
        for index in byStart {
            if let parent = spans[index].parentID, parent != spans[index].id, ids.contains(parent) {
                children[parent, default: []].append(index)
            } else {
                roots.append(index)
            }
        }
        var ordered: [SpanRow] = []
        var visited = [Bool](repeating: false, count: spans.count)
        // A circle has no root, so whatever was not reached begins one.
        for start in roots + byStart where !visited[start] {
            var stack = [(index: start, depth: 0)]
            while let (index, depth) = stack.popLast() {
                guard !visited[index] else { continue }
                visited[index] = true
                var span = spans[index]
                span.depth = depth
                ordered.append(span)
                for child in (children[span.id] ?? []).reversed() where !visited[child] {
                    stack.append((child, depth + 1))
                }
            }
        }
        return ordered
    }
}
