public import Logging

/// What was expected and not told, and what was told instead.
public struct ExpectationFailure: Error, Sendable, CustomStringConvertible {
    /// Both, in words.
    public var description: String

    init(_ expected: String, told: [String]) {
        let list = told.isEmpty ? ["nothing"] : Array(told.suffix(50))
        description = "expected \(expected); told was:\n  " + list.joined(separator: "\n  ")
    }
}

extension TelemetryRecorder {
    /// Expects a line with this message, and at least these fields; answers the first.
    @discardableResult
    public func expectLog(
        _ message: String, level: Logger.Level? = nil, fields: [String: String] = [:]
    ) throws(ExpectationFailure) -> Line {
        let lines = lines
        let found = lines.first { line in
            line.message == message && (level == nil || line.level == level)
                && fields.allSatisfy { line.fields[$0.key] == $0.value }
        }
        guard let found else {
            throw ExpectationFailure(
                "a line “\(message)” \(fields)", told: lines.map(\.description))
        }
        return found
    }

    /// Expects a span of this name with at least these attributes; answers the first.
    @discardableResult
    public func expectSpan(
        _ name: String, attributes: [String: String] = [:], isError: Bool? = nil
    ) throws(ExpectationFailure) -> Span {
        let spans = spans
        let found = spans.first { span in
            span.name == name && (isError == nil || span.isError == isError)
                && attributes.allSatisfy { span.attributes[$0.key] == $0.value }
        }
        guard let found else {
            throw ExpectationFailure(
                "a span “\(name)” \(attributes)", told: spans.map(\.description))
        }
        return found
    }

    /// Expects a series with exactly these labels and this value; a histogram's is its count.
    public func expectMetric(
        _ name: String, _ labels: [String: String] = [:], equals expected: Double
    ) throws(ExpectationFailure) {
        guard let value = value(of: name, labels), abs(value - expected) < 1e-9 else {
            throw ExpectationFailure("\(name) \(labels) = \(expected)", told: allSeries)
        }
    }

    /// Expects that a text, such as a password, stands nowhere in what was told.
    public func expectNothing(contains text: String) throws(ExpectationFailure) {
        let all = lines.map(\.description) + spans.map(\.description) + allSeries
        let found = all.filter { $0.contains(text) }
        guard found.isEmpty else {
            throw ExpectationFailure("nothing with “\(text)”", told: found)
        }
    }
}
