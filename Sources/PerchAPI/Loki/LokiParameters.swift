import HTTPTypes
import Hummingbird
import NIOCore
import PerchLogQL
import PerchModel

/// The parameters of a request to Loki's API: of the query, and of a form for POST.
struct LokiParameters {
    private let form: FormParameters
    private let now: Int64

    init(_ request: Request, now: Int64) async throws {
        var form = FormParameters([])
        if request.method == .post {
            let body = try await request.body.collect(upTo: Limits.formByteCountMax)
            form.append(FormParameters(body.readableBytesView))
        }
        form.append(FormParameters((request.uri.query ?? "").utf8))
        self.form = form
        self.now = now
    }

    subscript(name: String) -> String? {
        form[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    func all(_ name: String) -> [String] { form.all(name) }

    func time(_ name: String) throws(LokiFailure) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let nanos = LokiTime.nanos(text) else {
            throw LokiFailure(.badRequest, "could not parse '\(name)' parameter: \(text)")
        }
        return nanos
    }

    func duration(_ name: String) throws(LokiFailure) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let nanos = LokiTime.durationNanos(text) else {
            throw LokiFailure(
                .badRequest, "cannot parse \"\(text)\" to a valid duration in '\(name)'")
        }
        return nanos
    }

    /// From `start`, or `since` before `end`, to `end`, or now.
    func times(since standard: Int64) throws(LokiFailure) -> Range<Int64> {
        let end = try time("end") ?? now
        let since = try duration("since") ?? standard
        let (before, isTooEarly) = min(end, now).subtractingReportingOverflow(since)
        let start = try time("start") ?? (isTooEarly ? .min : before)
        guard start <= end else {
            throw LokiFailure(
                .badRequest, "end timestamp must not be before or equal to start time")
        }
        return start..<end
    }

    /// The step of a range: as asked for, or a 250th of it in whole seconds.
    func step(_ times: Range<Int64>) throws(LokiFailure) -> Int64 {
        if let step = try duration("step") {
            guard step > 0 else {
                throw LokiFailure(
                    .badRequest,
                    "zero or negative query resolution step widths are not accepted. Try a "
                        + "positive integer")
            }
            return step
        }
        let (span, isTooLong) = times.upperBound.subtractingReportingOverflow(times.lowerBound)
        return max(1, (isTooLong ? .max : span) / 250_000_000_000) * 1_000_000_000
    }

    /// How many lines are wanted.
    func limit(default standard: Int, most: Int) throws(LokiFailure) -> Int {
        guard let text = self["limit"] else { return standard }
        guard let limit = Int(text) else {
            throw LokiFailure(
                .badRequest, "strconv.ParseInt: parsing \"\(text)\": invalid syntax")
        }
        guard limit > 0 else {
            throw LokiFailure(.badRequest, "limit must be a positive value")
        }
        guard limit <= most else {
            throw LokiFailure(
                .badRequest,
                "max entries limit per query exceeded, limit > max_entries_limit_per_query "
                    + "(\(limit) > \(most))")
        }
        return limit
    }

    func isNewestFirst() throws(LokiFailure) -> Bool {
        switch self["direction"]?.lowercased() {
        case nil, "backward": return true
        case "forward": return false
        case let other?: throw LokiFailure(.badRequest, "invalid direction '\(other)'")
        }
    }

    /// The matchers of a selector, or none where the parameter is left out.
    func matchers(_ name: String) throws(LokiFailure) -> [LabelMatcher] {
        guard let text = self[name] else { return [] }
        do {
            return try LogQLParser.parseMatchers(text)
        } catch {
            throw LokiFailure(error)
        }
    }
}
