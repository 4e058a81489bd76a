import HTTPTypes
import Hummingbird
import NIOCore
import PerchLogQL
import PerchModel
import PerchPromQL

/// Writes answers in the shapes of Loki's API.
///
/// Source: Grafana Loki, "HTTP API", and what Grafana reads of its answers.
enum LokiAnswer {
    static func query(
        _ result: LogQLResult, _ stats: LogQLStats, seconds: Double, isCategorized: Bool
    ) -> Response {
        var text: [UInt8] = []
        text.json("{\"status\":\"success\",\"data\":{\"resultType\":\"")
        switch result {
        case .streams(let streams):
            text.json("streams\"")
            if isCategorized { text.json(",\"encodingFlags\":[\"categorize-labels\"]") }
            text.json(",\"result\":")
            append(streams, isCategorized, to: &text)
        case .matrix(let table, let times):
            text.json("matrix\",\"result\":")
            append(matrix: table, times, to: &text)
        case .vector(let table, let time):
            text.json("vector\",\"result\":")
            append(vector: table, time, to: &text)
        case .scalar(let value, let time):
            text.json("scalar\",\"result\":")
            append(time, value, to: &text)
        }
        text.json(",\"stats\":")
        append(stats, seconds, to: &text)
        text.json("}}")
        return PrometheusAnswer.response(text)
    }

    // MARK: Lines

    static func append(
        _ streams: [LogStream], _ isCategorized: Bool, to text: inout [UInt8]
    ) {
        text.list(streams) { text, stream in
            text.json("{\"stream\":")
            append(stream.labels, to: &text)
            text.json(",\"values\":")
            text.list(stream.entries) { text, entry in
                text.json("[\"")
                NumberText.appendWhole(entry.nanos, to: &text)
                text.json("\",")
                JSONText.appendString(entry.line.span, to: &text)
                if isCategorized {
                    text.json(",{")
                    var isFirst = true
                    for (name, pairs) in [
                        ("structuredMetadata", entry.structured), ("parsed", entry.parsed),
                    ] where !pairs.isEmpty {
                        if !isFirst { text.json(",") }
                        isFirst = false
                        text.jsonString(name)
                        text.json(":")
                        append(pairs, to: &text)
                    }
                    text.json("}")
                }
                text.json("]")
            }
            text.json("}")
        }
    }

    static func append(_ pairs: [(name: String, value: String)], to text: inout [UInt8]) {
        text.object(pairs) { text, value in text.jsonString(value) }
    }

    // MARK: Numbers

    /// A time in seconds, to the millisecond, and a value.
    private static func append(_ nanos: Int64, _ value: Double, to text: inout [UInt8]) {
        text.json("[")
        let millis = nanos / 1_000_000
        NumberText.appendWhole(millis / 1_000, to: &text)
        let rest = (millis % 1_000).magnitude
        if rest > 0 {
            text.json(".")
            var digits = String(rest)
            digits = String(repeating: "0", count: 3 - digits.utf8.count) + digits
            while digits.hasSuffix("0") { digits.removeLast() }
            text.append(contentsOf: digits.utf8)
        }
        text.json(",\"")
        NumberText.appendSample(value, to: &text)
        text.json("\"]")
    }

    static func append(vector table: SeriesTable, _ time: Int64, to text: inout [UInt8]) {
        // Series come in the order that the query gave them, which sorting may have made.
        let series = (0..<table.count).filter { !SeriesTable.isAbsent(table.value($0, 0)) }
        text.list(series) { text, series in
            text.json("{\"metric\":")
            append(table.labels(series).pairs, to: &text)
            text.json(",\"value\":")
            append(time, table.value(series, 0), to: &text)
            text.json("}")
        }
    }

    static func append(matrix table: SeriesTable, _ times: LogQLTimes, to text: inout [UInt8]) {
        text.list(table.sortedSeries()) { text, entry in
            text.json("{\"metric\":")
            append(entry.labels.pairs, to: &text)
            text.json(",\"values\":")
            let steps = (0..<table.stepCount).filter {
                !SeriesTable.isAbsent(table.value(entry.series, $0))
            }
            text.list(steps) { text, step in
                let time = times.start &+ Int64(step) &* (times.step ?? 0)
                append(time, table.value(entry.series, step), to: &text)
            }
            text.json("}")
        }
    }

    /// An answer whose data is a vector or matrix, without more.
    static func volume(
        _ table: SeriesTable, _ times: LogQLTimes, limit: Int, isRange: Bool
    ) -> Response {
        var text: [UInt8] = []
        text.json("{\"status\":\"success\",\"data\":{\"resultType\":\"")
        // The largest first, as many as asked for.
        let sums = (0..<table.count).map { series in
            (0..<table.stepCount).reduce(0.0) { sum, step in
                let value = table.value(series, step)
                return SeriesTable.isAbsent(value) ? sum : sum + value
            }
        }
        let kept = sums.indices.sorted { sums[$0] > sums[$1] }.prefix(limit)
        let chosen = table.selecting(Array(kept))
        if isRange {
            text.json("matrix\",\"result\":")
            append(matrix: chosen, times, to: &text)
        } else {
            text.json("vector\",\"result\":")
            append(vector: chosen, times.start, to: &text)
        }
        text.json(",\"stats\":")
        append(LogQLStats(), 0, to: &text)
        text.json("}}")
        return PrometheusAnswer.response(text)
    }

    /// The bytes under each name of a label, the most first.
    static func labelVolumes(_ sums: [String: Double], _ time: Int64) -> Response {
        var text: [UInt8] = []
        text.json("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":")
        let order = sums.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        text.list(order) { text, entry in
            text.json("{\"metric\":")
            append([(entry.key, "")], to: &text)
            text.json(",\"value\":")
            append(time, entry.value, to: &text)
            text.json("}")
        }
        text.json(",\"stats\":")
        append(LogQLStats(), 0, to: &text)
        text.json("}}")
        return PrometheusAnswer.response(text)
    }

    // MARK: What it cost

    private static func append(_ stats: LogQLStats, _ seconds: Double, to text: inout [UInt8]) {
        func field(_ name: StaticString, _ value: Double) {
            text.json("\"")
            text.json(name)
            text.json("\":")
            NumberText.appendSample(value.isFinite ? value : 0, to: &text)
        }
        let span = max(seconds, 1e-6)
        text.json("{\"summary\":{")
        field("bytesProcessedPerSecond", (Double(stats.bytes) / span).rounded())
        text.json(",")
        field("linesProcessedPerSecond", (Double(stats.lines) / span).rounded())
        text.json(",")
        field("totalBytesProcessed", Double(stats.bytes))
        text.json(",")
        field("totalLinesProcessed", Double(stats.lines))
        text.json(",")
        field("execTime", seconds)
        text.json(",\"queueTime\":0,\"subqueries\":0,")
        field("totalEntriesReturned", Double(stats.entries))
        text.json(",\"splits\":0,\"shards\":0},")
        text.json("\"querier\":{\"store\":{}},\"ingester\":{\"store\":{}},\"cache\":{}}")
    }
}
