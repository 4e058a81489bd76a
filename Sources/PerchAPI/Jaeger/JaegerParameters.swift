import HTTPTypes
import PerchModel

/// Reads the questions of Jaeger's API.
///
/// Source: Jaeger's query service, parameters of its HTTP API; see docs/traces.md for what differs.
struct JaegerParameters {
    private let form: FormParameters
    private let nowNanos: Int64

    init(query: String, nowNanos: Int64) {
        form = FormParameters(query.utf8)
        self.nowNanos = nowNanos
    }

    /// The first value of a parameter; an empty one is as good as none.
    subscript(name: String) -> String? {
        form[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The ids in `traceID`, in the order given, each once.
    func traceIDs() throws(JaegerFailure) -> [TraceID] {
        var ids: [TraceID] = []
        for text in form.all("traceID") {
            guard let id = TraceID(text) else {
                throw JaegerFailure(
                    .badRequest,
                    "cannot parse traceID param: \"\(text)\" is not 1 to 32 hex digits")
            }
            if !ids.contains(id) { ids.append(id) }
            guard ids.count <= Limits.traceIDsMax else {
                throw JaegerFailure(
                    .badRequest, "more than \(Limits.traceIDsMax) values of 'traceID'")
            }
        }
        return ids
    }

    /// A search for traces.
    func search() throws(JaegerFailure) -> TraceSearch {
        var search = TraceSearch(times: try times())
        search.service = self["service"]
        guard search.service != nil else {
            throw JaegerFailure(.badRequest, "parameter 'service' is required")
        }
        search.operation = self["operation"]
        search.durationMin = try duration("minDuration")
        search.durationMax = try duration("maxDuration")
        if let least = search.durationMin, let most = search.durationMax, most < least {
            throw JaegerFailure(
                .badRequest, "'maxDuration' should be greater than 'minDuration'")
        }
        search.conditions = try tags().map { JaegerTagCondition.predicate($0.key, $0.value) }
        search.limit = try limit()
        return search
    }

    /// `start` and `end` in microseconds; the last two days, or `lookback`, where they are missing.
    private func times() throws(JaegerFailure) -> Range<Int64> {
        let end = try time("end") ?? nowNanos
        var lookback = Limits.traceLookbackNanos
        if let text = self["lookback"], let nanos = GoDuration.nanos(text), nanos > 0 {
            lookback = nanos
        }
        let (earliest, isBelow) = end.subtractingReportingOverflow(lookback)
        let start = try time("start") ?? (isBelow ? .min : earliest)
        guard start <= end else {
            throw JaegerFailure(.badRequest, "'start' is after 'end'")
        }
        // Both are inclusive to the microsecond.
        let (past, isPast) = end.addingReportingOverflow(1_000)
        return start..<(isPast ? .max : past)
    }

    private func time(_ name: String) throws(JaegerFailure) -> Int64? {
        guard let value = try integer(name) else { return nil }
        let (nanos, overflow) = value.multipliedReportingOverflow(by: 1_000)
        return overflow ? (value < 0 ? .min : .max) : nanos
    }

    func integer(_ name: String) throws(JaegerFailure) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let value = Int64(text) else {
            throw JaegerFailure(
                .badRequest, "unable to parse param '\(name)': \"\(text)\" is no integer")
        }
        return value
    }

    private func duration(_ name: String) throws(JaegerFailure) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let nanos = GoDuration.nanos(text) else {
            throw JaegerFailure(
                .badRequest,
                "unable to parse param '\(name)': \"\(text)\" is no duration such as 1.5s or 200ms")
        }
        // Zero is Jaeger's "not given".
        return nanos == 0 ? nil : nanos
    }

    private func limit() throws(JaegerFailure) -> Int {
        guard let value = try integer("limit") else { return Limits.tracesDefault }
        guard value > 0 else {
            throw JaegerFailure(.badRequest, "'limit' should be greater than zero")
        }
        return Int(min(value, Int64(Limits.tracesMax)))
    }

    /// `tag=key:value`, repeated, and `tags` as an object of JSON, whose values come last.
    private func tags() throws(JaegerFailure) -> [(key: String, value: String)] {
        var tags: [(key: String, value: String)] = []
        func set(_ key: String, _ value: String) {
            tags.removeAll { $0.key == key }
            tags.append((key, value))
        }
        for text in form.all("tag") {
            guard let colon = text.firstIndex(of: ":") else {
                throw JaegerFailure(
                    .badRequest,
                    "malformed 'tag' parameter, expecting key:value, received: \(text)")
            }
            set(String(text[..<colon]), String(text[text.index(after: colon)...]))
        }
        for text in form.all("tags") where !text.isEmpty {
            guard case .object(let members)? = JSONValue(text) else {
                throw JaegerFailure(
                    .badRequest, "malformed 'tags' parameter, expecting an object of JSON")
            }
            for member in members {
                switch member.value {
                case .string, .number, .bool: set(member.name, member.value.text)
                case .null, .array, .object:
                    throw JaegerFailure(
                        .badRequest,
                        "malformed 'tags' parameter, the value of \"\(member.name)\" is no text")
                }
            }
        }
        return tags
    }
}
