import HTTPTypes
package import Hummingbird
import NIOCore
package import PerchModel
import PerchPromQL

/// `GET /api/v1/export`: series as NDJSON, one a line, streamed.
///
/// Each line is `{"metric":{…},"values":[…],"timestamps":[…]}`, timestamps in milliseconds: the
/// shape that VictoriaMetrics' export of the same path has. Parameters: `match` (a metric's name,
/// repeatable labels as `name=value`; see ``matchers(_:)``), `start` and `end` in milliseconds.
package struct SampleRoutes: Sendable {
    private let samples: any SampleSource

    package init(samples: any SampleSource) {
        self.samples = samples
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        router.get("api/v1/export") { request, _ in
            let parameters = request.uri.queryParameters
            let start = try Parameters.integer(parameters["start"], "start", default: .min)
            let end = try Parameters.integer(parameters["end"], "end", default: .max)
            guard start <= end else { throw Problem(.badRequest, "start is after end") }
            let query = SampleQuery(
                matchers: try Self.matchers(parameters.getAll("match").map { String($0) }),
                times: start...end)
            var opened = samples.read(query)
            // As with events: what fails before the answer begins can be told.
            let first = try await opened.next()
            let cursor = opened
            return Response(
                status: .ok, headers: [.contentType: "application/x-ndjson"],
                body: ResponseBody { writer in
                    var cursor = cursor
                    var next = first
                    while let series = next {
                        try await writer.write(ByteBuffer(bytes: Self.line(series)))
                        next = try await cursor.next()
                    }
                    try await writer.finish(nil)
                })
        }
    }

    /// A `match` is a metric's name or `label=value`; all must hold.
    static func matchers(_ texts: [String]) throws -> [LabelMatcher] {
        try texts.map { text in
            guard let equals = text.firstIndex(of: "=") else {
                guard !text.isEmpty else { throw Problem(.badRequest, "match is empty") }
                return LabelMatcher("__name__", .equal, text)
            }
            return LabelMatcher(
                String(text[..<equals]), .equal, String(text[text.index(after: equals)...]))
        }
    }

    private static func line(_ series: SeriesChunk) -> [UInt8] {
        var text = JSONWriter()
        var labels: [UInt8] = []
        AnswerWriter.appendLabels(series.labels, to: &labels)
        text.raw("{\"metric\":")
        text.raw(bytes: labels)
        text.raw(",\"values\":[")
        for (index, value) in series.values.enumerated() {
            if index > 0 { text.raw(",") }
            text.number(value)
        }
        text.raw("],\"timestamps\":[")
        for (index, time) in series.times.enumerated() {
            if index > 0 { text.raw(",") }
            text.number(time)
        }
        text.raw("],\"histograms\":")
        text.number(series.histograms.count)
        text.raw(",\"exemplars\":")
        text.number(series.exemplars.count)
        text.raw("}\n")
        return text.bytes
    }
}
