import Foundation
import PerchCodec
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// What exporters answered: counts and values of `expected.json`.
@Suite(.enabled(if: TestData.isAvailable))
struct ExpositionReplayTests {
    static let folder = "prometheus/expositions"
    static let names = [
        "alertmanager.text", "node_exporter.openmetrics", "node_exporter.text",
        "node_exporter.text.gzip", "prometheus.openmetrics", "prometheus.text",
        "python_client.filtered", "python_client.no-accept", "python_client.openmetrics",
        "python_client.text",
    ]

    static func decode(_ name: String) throws -> (ExpositionResult, facts: [String: Any]) {
        let all = try TestData.object("\(folder)/expected.json")
        let facts = all["\(name).response.json"] as? [String: Any] ?? [:]
        let packed = try TestData.bytes("\(folder)/\(name).body")
        let encoding = ContentEncoding(header: facts["content_encoding"] as? String) ?? .identity
        let body = try Decompressor.decompress(packed, encoding: encoding, limit: 1 << 24)
        let format = try #require(
            ExpositionFormat(contentType: facts["content_type"] as? String))
        let result = try Exposition.decode(
            body, format: format, options: ExpositionOptions(defaultTimeMillis: 77))
        return (result, facts)
    }

    @Test(arguments: names)
    func countsAndValuesAreThoseOfTheRecording(_ name: String) throws {
        let (result, facts) = try Self.decode(name)
        #expect(result.batch.sampleCount == facts["samples"] as? Int)
        #expect(result.batch.exemplars.count == facts["exemplars"] as? Int)
        #expect(result.batch.metadata.count == facts["families"] as? Int)
        var types: [String: Int] = [:]
        for family in result.batch.metadata {
            types[family.type == .unknown ? "untyped" : family.type.name, default: 0] += 1
        }
        #expect(types == facts["families_by_type"] as? [String: Int])
        expectCanonical(result.batch)
        var values: [String: Double] = [:]
        for index in result.batch.times.indices {
            let labels = result.batch.labels(at: Int(result.batch.seriesIndexes[index]))
            let rest = Labels(labels.pairs.filter { $0.name != "__name__" })
            let pairs = PrometheusData.key(rest)
            values["\(labels.metricName)\(pairs)"] = result.batch.values[index]
        }
        let selected = facts["selected_samples"] as? [String: Any] ?? [:]
        #expect(!selected.isEmpty)
        for (key, fact) in selected {
            let found = try #require(values[key], "\(key)")
            switch fact {
            case let value as Double: #expect(found == value, "\(key)")
            case let text as String:
                #expect(
                    found.description.lowercased() == text.lowercased().replacing("+", with: ""),
                    "\(key)")
            default: Issue.record("\(key): \(fact)")
            }
        }
    }

    @Test func damageNeverTraps() throws {
        for name in ["python_client.openmetrics", "node_exporter.text"] {
            let body = Array(try TestData.bytes("\(Self.folder)/\(name).body").prefix(6_000))
            for format in [ExpositionFormat.text, .openMetrics] {
                let body = format == .text ? body : body + Array("\n# EOF\n".utf8)
                DecoderVerifier.verify(body, seed: 3) { bytes in
                    var options = ExpositionOptions(defaultTimeMillis: 1)
                    options.isStrict = bytes.count < 500
                    let batch = try Exposition.decode(bytes, format: format, options: options)
                        .batch
                    DecoderDamageTests.check(batch)
                    expectCanonical(batch)
                }
            }
        }
    }
}
