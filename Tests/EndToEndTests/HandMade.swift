import Foundation
import PerchModel
import PerchServer
import Testing

/// A request by hand, with what its folder says of it.
struct HandMade: Sendable {
    /// What a server holds after the request.
    struct Found: Sendable {
        var spans: [[String: String]] = []
        var logs: [[String: String]] = []
        var resources: [String] = []
        var chunks: [SeriesChunk] = []

        init(_ running: Server.Running) async throws {
            for batch in try await running.events.all(
                EventQuery(dataset: .spans, times: .min ..< .max))
            {
                for row in 0..<batch.rowCount {
                    spans.append(Self.record(batch, row))
                    resources += batch.resource(ofRow: row).attributes.map(\.value.text)
                }
            }
            for batch in try await running.events.all(
                EventQuery(dataset: .logs, times: .min ..< .max))
            {
                for row in 0..<batch.rowCount { logs.append(Self.record(batch, row)) }
            }
            chunks = try await running.samples.all(
                SampleQuery(matchers: [], times: .min ... .max))
        }

        private static func record(_ batch: EventBatch, _ row: Int) -> [String: String] {
            let names = batch.columns.filter { $0.space == .record }.map(\.name)
            var fields: [String: String] = [:]
            for name in names {
                fields[name] = batch.value(of: FieldReference(name, space: .record), row: row)?.text
            }
            return fields
        }
    }

    let file: String
    let status: Int
    private let counts: [String: Int]
    private let texts: [String: String]

    init(_ row: [String: Any]) throws {
        file = try #require(row["file"] as? String)
        status = try #require(row["expected_http_status"] as? Int)
        let facts = row["facts"] as? [String: Any] ?? [:]
        counts = facts.compactMapValues { $0 as? Int }
        texts = facts.compactMapValues { $0 as? String }
    }

    func expect(_ found: Found, _ answer: HTTP.Answer) {
        if status != 200 {
            #expect(found.spans.isEmpty && found.logs.isEmpty && found.chunks.isEmpty, "\(file)")
        }
        if let spans = counts["spans"] ?? counts["valid_spans"] {
            #expect(found.spans.count == spans, "\(file)")
        }
        if let invalid = counts["invalid_spans"] {
            // In JSON by name, in protobuf as field 1 of field 1.
            let isTold =
                answer.text.contains(#""rejectedSpans":"\(invalid)""#)
                || answer.body.first == 0x0a
                    && answer.body.dropFirst(2).starts(with: [0x08, UInt8(invalid)])
            #expect(isTold, "\(answer.body)")
        }
        if let trace = texts["trace_id"] {
            #expect(found.spans.allSatisfy { $0["trace_id"] == trace }, "\(file)")
        }
        let kinds = ["INTERNAL": "1", "SERVER": "2", "CLIENT": "3"]
        if let kind = texts["kind"] {
            #expect(found.spans.allSatisfy { $0["kind"] == kinds[kind] }, "\(found.spans)")
        }
        if texts["status"] == "ERROR" {
            #expect(found.spans.allSatisfy { $0["status_code"] == "2" }, "\(found.spans)")
        }
        if let duration = counts["duration_ns"] {
            #expect(found.spans.allSatisfy { $0["duration"] == String(duration) })
        }
        if let number = counts["resource_int"] {
            #expect(found.resources.contains(String(number)), "\(found.resources)")
        }
        if let logs = counts["log_records"] {
            #expect(found.logs.count == logs)
            #expect(found.logs.count { $0["trace_id"]?.isEmpty == false } == counts["with_trace"])
        }
        if let points = counts["data_points"] { expectPoints(points, found) }
    }

    /// The points of the one request that has metrics of all kinds, series by series.
    private func expectPoints(_ points: Int, _ found: Found) {
        guard points > 0 else {
            #expect(found.chunks.isEmpty)
            return
        }
        func values(_ prefix: String, _ label: (String, String)? = nil) -> [Double] {
            found.chunks.filter {
                $0.labels.metricName.hasPrefix(prefix)
                    && (label == nil || $0.labels[label?.0 ?? ""] == label?.1)
            }.flatMap(\.values)
        }
        #expect(values("my_counter", ("k", "v")) == [7])
        #expect(values("my_gauge", ("k", "inf")) == [-.infinity])
        #expect(values("my_gauge", ("k", "ok")) == [21.5])
        let stale = values("my_gauge", ("k", "no recorded value"))
        #expect(stale.map(\.bitPattern) == [SampleBatch.staleMarkerBits])
        #expect(
            values("my_gauge").contains {
                $0.isNaN && $0.bitPattern != SampleBatch.staleMarkerBits
            })
        #expect(values("my_histogram_seconds_bucket", ("le", "0.5")) == [1])
        #expect(values("my_histogram_seconds_bucket", ("le", "+Inf")) == [4])
        #expect(values("my_histogram_seconds_sum") == [6.5])
        let native = found.chunks.filter { $0.labels.metricName == "my_exp_seconds" }
            .flatMap(\.histograms).map(\.histogram)
        #expect(native.map(\.count) == [10])
        #expect(native.map(\.sum) == [12.25])
        #expect(native.map(\.zeroCount) == [2])
        #expect(values("my_summary", ("quantile", "0.5")) == [0.4])
        #expect(values("my_summary_count") == [3])
        #expect(values("my_delta") == [5, 11])
        #expect(values("my_updown") == [-4])
        let exemplars = found.chunks.filter { $0.labels.metricName.hasPrefix("my_counter") }
            .flatMap(\.exemplars)
        #expect(exemplars.map(\.value) == [1])
        #expect(exemplars.first?.labels["trace_id"] == "5b8efff798038103d269b633813fc60c")
    }
}
