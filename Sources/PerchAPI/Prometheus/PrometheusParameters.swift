import HTTPTypes
import Hummingbird
import NIOCore
import PerchModel
import PerchPromQL
import PerchWire

/// The parameters of a request to Prometheus' API: of the query, and of a form for POST.
struct PrometheusParameters {
    private(set) var form: FormParameters

    init(_ form: FormParameters) {
        self.form = form
    }

    /// Reads the query, and the body when it is a form.
    ///
    /// A value of the body comes before one of the query, as in Go's `FormValue`.
    init(_ request: Request) async throws {
        form = FormParameters([])
        if request.method == .post {
            let body = try await request.body.collect(upTo: Limits.formByteCountMax)
            form.append(FormParameters(body.readableBytesView))
        }
        form.append(FormParameters((request.uri.query ?? "").utf8))
    }

    subscript(name: String) -> String? { form[name] }

    /// Seconds since 1970 with a fraction, or RFC 3339; in milliseconds.
    func time(_ name: String) throws(PrometheusFailure) -> Int64? {
        guard let text = form[name], !text.isEmpty else { return nil }
        return try time(text, name, "Invalid time value for '\(name)': ")
    }

    /// The same, where the parameter must be there.
    func requiredTime(_ name: String) throws(PrometheusFailure) -> Int64 {
        try time(form[name] ?? "", name, "")
    }

    private func time(
        _ text: String, _ name: String, _ complaint: String
    ) throws(PrometheusFailure) -> Int64 {
        if let millis = Self.millis(seconds: text) { return millis }
        if let nanos = TimeText.rfc3339(text) { return nanos / 1_000_000 }
        throw PrometheusFailure(
            .badData,
            "invalid parameter \(GoText.quote(name)): \(complaint)cannot parse "
                + "\(GoText.quote(text)) to a valid timestamp")
    }

    /// `start` to `end` in milliseconds; without them, all of time.
    func times() throws(PrometheusFailure) -> ClosedRange<Int64> {
        guard let times = try timesIfAny() else {
            throw PrometheusFailure(.badData, "end timestamp must not be before start timestamp")
        }
        return times
    }

    /// The same, or nil when the end is before the start, where Prometheus finds nothing.
    func timesIfAny() throws(PrometheusFailure) -> ClosedRange<Int64>? {
        let start = try time("start") ?? .min
        let end = try time("end") ?? .max
        return start <= end ? start...end : nil
    }

    /// Seconds with a fraction, or a duration such as `1m30s`; in milliseconds.
    func duration(_ name: String) throws(PrometheusFailure) -> Int64? {
        guard let text = form[name], !text.isEmpty else { return nil }
        if let millis = Self.millis(seconds: text) { return millis }
        if let millis = DurationText.millis(text) { return millis }
        throw PrometheusFailure(
            .badData,
            "invalid parameter \(GoText.quote(name)): cannot parse \(GoText.quote(text)) to a valid "
                + "duration")
    }

    /// At most so many of what is asked for; nil for all.
    func limit(_ name: String = "limit") throws(PrometheusFailure) -> Int? {
        guard let text = form[name], !text.isEmpty else { return nil }
        guard let value = Int(text), value >= 0 else {
            throw PrometheusFailure(
                .badData, "invalid parameter \(GoText.quote(name)): limit must be non-negative")
        }
        return value == 0 ? nil : value
    }

    /// The same of descriptions, where 0 is none and any other mistake is told in another way.
    func descriptionLimit(_ name: String = "limit") throws(PrometheusFailure) -> Int? {
        guard let text = form[name], !text.isEmpty else { return nil }
        guard let value = Int(text) else {
            throw PrometheusFailure(.badData, "\(name) must be a number")
        }
        return value < 0 ? nil : value
    }

    /// The selectors in `match[]`.
    ///
    /// Prometheus names the parameter in some of its answers to a mistake.
    func selectors(namesParameter: Bool = true) throws(PrometheusFailure) -> [[LabelMatcher]] {
        var selectors: [[LabelMatcher]] = []
        for text in form.all("match[]") {
            do {
                selectors.append(try Parser.parseSelector(text))
            } catch {
                let message =
                    error.message.hasPrefix("vector selector must contain")
                    ? "match[] must contain at least one non-empty matcher" : error.description
                throw PrometheusFailure(
                    .badData,
                    (namesParameter ? "invalid parameter \"match[]\": " : "") + message)
            }
        }
        return selectors
    }

    /// One selector, or nil when the parameter is left out.
    func selector(_ name: String) throws(PrometheusFailure) -> [LabelMatcher]? {
        guard let text = form[name], !text.isEmpty else { return nil }
        do {
            return try Parser.parseSelector(text)
        } catch {
            throw PrometheusFailure(.badData, "invalid parameter \"\(name)\": \(error.description)")
        }
    }

    /// Beyond what 64 bits of milliseconds hold is refused.
    private static func millis(seconds text: String) -> Int64? {
        guard let seconds = Double(text), seconds.isFinite else { return nil }
        // The fraction apart, as Prometheus rounds: 1.0005 is 1 s, being a little less.
        let whole = seconds.rounded(.towardZero)
        let fraction = ((seconds - whole) * 1_000).rounded(.toNearestOrAwayFromZero)
        return Int64(exactly: whole * 1_000 + fraction)
    }
}
