import Foundation
import PerchModel
import Testing

/// Compares what a store holds with the metrics that a folder of recordings says were sent.
struct MetricFacts {
    private struct Point {
        var time: Int64
        var json: [String: Any]
    }

    private let chunks: [SeriesChunk]

    init(_ chunks: [SeriesChunk]) {
        self.chunks = chunks
    }

    /// Every number of every point stands at its time under a series with its attributes; of delta
    /// temporality the sum so far.
    func expectAll(_ metrics: [[String: Any]]) {
        var series: [String: (metric: [String: Any], points: [Point])] = [:]
        for metric in metrics {
            for json in metric["data_points"] as? [[String: Any]] ?? [] {
                let all = json["attributes"] as? [String: Any] ?? [:]
                let key =
                    ["service", "scope", "name"].map { "\(metric[$0] ?? "")|" }.joined()
                    + all.map { "\($0)=\($1)" }.sorted().joined(separator: "|")
                let time = (json["time"] as? String).flatMap { Int64($0) } ?? 0
                series[key, default: (metric, [])].points.append(Point(time: time, json: json))
            }
        }
        for (metric, points) in series.values {
            expect(metric, points.sorted { $0.time < $1.time })
        }
    }

    /// The exemplars of all points stand in the store, and none besides.
    ///
    /// A native histogram is one series, of which a store keeps the newest exemplars only.
    func expectExemplars(_ metrics: [[String: Any]]) {
        var sent: [String: Int] = [:]
        var wanted: Set<String> = []
        for metric in metrics {
            for point in metric["data_points"] as? [[String: Any]] ?? [] {
                for exemplar in point["exemplars"] as? [[String: Any]] ?? [] {
                    let trace = exemplar["trace_id"] as? String ?? ""
                    let key = "\(trace) \(Self.short(Self.number(exemplar["value"]) ?? .nan))"
                    sent[key, default: 0] += 1
                    if metric["type"] as? String != "exponential_histogram" { wanted.insert(key) }
                }
            }
        }
        var kept: [String: Int] = [:]
        for exemplar in chunks.flatMap(\.exemplars) {
            let trace = exemplar.labels["trace_id"] ?? ""
            kept["\(trace) \(Self.short(exemplar.value))", default: 0] += 1
        }
        let lost = wanted.subtracting(kept.keys).sorted()
        #expect(lost == [])
        for (key, count) in kept { #expect(count <= sent[key] ?? 0, "\(key)") }
        if sent.count > wanted.count { #expect(kept.count > wanted.count) }
    }

    private func expect(_ metric: [String: Any], _ points: [Point]) {
        let name = metric["name"] as? String ?? ""
        let isDelta = metric["temporality"] as? String == "DELTA"
        let own = candidates(name, Self.attributes(points.first?.json ?? [:]))
        var sums: [String: Double] = [:]
        var parts: [(Double, Double)] = []
        var times: Set<Int64> = []
        func total(_ part: String, _ value: Double) -> Double {
            guard isDelta else { return value }
            sums[part, default: 0] += value
            return sums[part] ?? 0
        }
        for point in points {
            let millis = point.time / 1_000_000
            func number(_ key: String) -> Double { Self.number(point.json[key]) ?? .nan }
            switch metric["type"] as? String {
            case "sum", "gauge":
                let value = total("", number("value"))
                expect(own, "", millis, value, name)
            case "histogram":
                let (count, sum) = (total("count", number("count")), total("sum", number("sum")))
                expect(own, "_count", millis, count, name)
                expect(own, "_sum", millis, sum, name)
                var below = 0.0
                for (index, inBucket) in (point.json["bucket_counts"] as? [Double] ?? [])
                    .enumerated()
                {
                    below += inBucket
                    let value = total("bucket \(index)", below)
                    expect(own, "_bucket", millis, value, name)
                }
            case "exponential_histogram":
                // One recording has two histograms of one name: a store takes the first of a time.
                if times.contains(millis) { continue }
                times.insert(millis)
                // A sum of deltas begins anew when its sender changes the scale.
                parts.append((number("count"), number("sum")))
                let sums = isDelta ? Self.suffixSums(parts) : [(number("count"), number("sum"))]
                let found = own.contains { chunk in
                    chunk.histograms.contains { sample in
                        sample.timeMillis == millis
                            && sums.contains { count, sum in
                                sample.histogram.count == count
                                    && abs(sample.histogram.sum - sum) <= abs(sum) * 1e-9
                            }
                            && sample.histogram.zeroCount
                                + sample.histogram.positiveCounts.reduce(0, +)
                                + sample.histogram.negativeCounts.reduce(0, +)
                                == sample.histogram.count
                    }
                }
                #expect(found, "\(name) with \(sums) at \(millis)")
            default:
                Issue.record("\(name) is of an unknown type")
            }
        }
    }

    /// The series of a metric with these labels.
    private func candidates(_ name: String, _ attributes: [String: String]) -> [SeriesChunk] {
        let words = Self.words(name)
        return chunks.filter { chunk in
            chunk.labels.metricName.hasPrefix(words)
                && attributes.allSatisfy { chunk.labels[Self.words($0.key)] == $0.value }
        }
    }

    /// What the last parts come to, the last one, the last two, and so on.
    private static func suffixSums(_ parts: [(Double, Double)]) -> [(Double, Double)] {
        var sums: [(Double, Double)] = []
        for part in parts.reversed() {
            let last = sums.last ?? (0, 0)
            sums.append((last.0 + part.0, last.1 + part.1))
        }
        return sums
    }

    private func expect(
        _ chunks: [SeriesChunk], _ ending: String, _ millis: Int64, _ value: Double, _ name: String
    ) {
        // Said in a word, since a failure would print all chunks.
        let isThere = Self.has(chunks, ending, millis, value)
        #expect(isThere, "\(name)\(ending) = \(value) at \(millis)")
    }

    private static func has(
        _ chunks: [SeriesChunk], _ ending: String, _ millis: Int64, _ value: Double
    ) -> Bool {
        chunks.contains { chunk in
            guard ending.isEmpty || chunk.labels.metricName.hasSuffix(ending) else { return false }
            return chunk.times.indices.contains {
                chunk.times[$0] == millis
                    && (chunk.values[$0] == value || chunk.values[$0].isNaN && value.isNaN
                        || abs(chunk.values[$0] - value) <= abs(value) * 1e-9)
            }
        }
    }

    /// Attributes that are text; numbers and truth values are written in ways of their own.
    private static func attributes(_ point: [String: Any]) -> [String: String] {
        (point["attributes"] as? [String: Any] ?? [:]).compactMapValues { $0 as? String }
            .filter { !$0.value.isEmpty && $0.key.utf8.allSatisfy { $0 < 0x80 } && $0.key != "" }
    }

    private static func words(_ name: String) -> String {
        name.split { !($0.isLetter || $0.isNumber) || !$0.isASCII }.joined(separator: "_")
    }

    /// Without the last digits, which a parser of JSON may lose.
    private static func short(_ value: Double) -> String { String(format: "%.12g", value) }

    /// A number, or one of those that JSON has no number for.
    private static func number(_ value: Any?) -> Double? {
        switch value as? String {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: (value as? NSNumber)?.doubleValue
        }
    }
}
