import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// What Prometheus 2.42 and the OpenTelemetry exporter for Python sent.
@Suite(.enabled(if: TestData.isAvailable))
struct RemoteWriteReplayTests {
    /// All that a sender sent, by series.
    struct Sent {
        var samples: [String: [(time: Int64, value: Double)]] = [:]
        var histograms: [HistogramSample] = []
        var histogramSeries: Set<String> = []
        var exemplars = 0
        var metadata: [MetricMetadata] = []

        init(_ folder: String) throws {
            for (file, body) in try PrometheusData.remoteWrites(folder) {
                let result = try RemoteWrite.decode(body)
                #expect(result.rejectedCount == 0, "\(file): \(result.rejectedMessage)")
                #expect(result.droppedExemplars == 0, "\(file)")
                add(result.batch)
            }
        }

        mutating func add(_ batch: SampleBatch) {
            let keys = (0..<batch.seriesCount).map { PrometheusData.key(batch.labels(at: $0)) }
            for index in batch.times.indices {
                samples[keys[Int(batch.seriesIndexes[index])], default: []]
                    .append((batch.times[index], batch.values[index]))
            }
            histograms += batch.histograms
            histogramSeries.formUnion(batch.histograms.map { keys[Int($0.series)] })
            exemplars += batch.exemplars.count
            metadata += batch.metadata
        }
    }

    @Test(arguments: ["remote-write-server", "remote-write-otel-python"])
    func countsAreThoseOfTheRecording(_ folder: String) throws {
        let expected = try TestData.object("prometheus/\(folder)/expected.json")
        let sent = try Sent(folder)
        #expect(sent.samples.values.map(\.count).reduce(0, +) == expected["float_samples"] as? Int)
        #expect(sent.histograms.count == expected["histogram_samples"] as? Int)
        #expect(
            sent.histogramSeries.count
                == (expected["native_histogram_series"] as? [Any])?.count)
        #expect(sent.exemplars == expected["exemplars"] as? Int)
        let stale = sent.samples.values.joined().filter {
            $0.value.bitPattern == SampleBatch.staleMarkerBits
        }
        let byJob = expected["stale_markers_by_job"] as? [String: Int] ?? [:]
        #expect(stale.count == byJob.values.reduce(0, +))
        let times = sent.samples.values.joined().map(\.time) + sent.histograms.map(\.timeMillis)
        #expect(times.min().map(Int.init) == expected["min_timestamp_ms"] as? Int)
        #expect(times.max().map(Int.init) == expected["max_timestamp_ms"] as? Int)
        let series = Set(sent.samples.keys).union(sent.histogramSeries)
        #expect(series.count == expected["series"] as? Int)
    }

    @Test(arguments: ["remote-write-server", "remote-write-otel-python"])
    func selectedSeriesHaveTheirSamples(_ folder: String) throws {
        let expected = try TestData.object("prometheus/\(folder)/expected.json")
        let selected = expected["selected_series"] as? [String: [String: Any]] ?? [:]
        #expect(!selected.isEmpty)
        let sent = try Sent(folder)
        for (key, facts) in selected {
            let samples = (sent.samples[key] ?? []).sorted { $0.time < $1.time }
            #expect(samples.count == facts["samples"] as? Int, "\(key)")
            for (place, sample) in [("first", samples.first), ("last", samples.last)] {
                let fact = facts[place] as? [Any] ?? []
                #expect(sample.map { Int($0.time) } == fact.first as? Int, "\(key)")
                if fact.last as? String == "stale" {
                    #expect(sample?.value.bitPattern == SampleBatch.staleMarkerBits, "\(key)")
                } else if let value = fact.last as? Double {
                    // Foundation's JSON is off by a unit in the last place at times.
                    let found = try #require(sample?.value, "\(key)")
                    #expect(abs(found - value) <= value.ulp, "\(key)")
                }
            }
        }
    }

    @Test func descriptionsAreThoseOfTheRecording() throws {
        let expected = try TestData.object("prometheus/remote-write-server/expected.json")
        let sent = try Sent("remote-write-server")
        let families = Dictionary(grouping: sent.metadata, by: \.family)
        #expect(families.count == expected["metadata_families"] as? Int)
        let examples = expected["metadata_examples"] as? [String: [String: String]] ?? [:]
        #expect(!examples.isEmpty)
        for (family, example) in examples {
            let entry = families[family]?.first
            #expect(entry?.type.name == example["type"]?.lowercased(), "\(family)")
            #expect(entry?.help == example["help"], "\(family)")
            #expect(entry?.unit == example["unit"], "\(family)")
        }
    }

    @Test func nativeHistogramsAreThoseOfTheTarget() throws {
        let sent = try Sent("remote-write-server")
        #expect(sent.histograms.allSatisfy { $0.histogram.defect == nil })
        let first = try #require(sent.histograms.first?.histogram)
        #expect(first.schema == 3)
        #expect(first.isInteger)
        #expect(first.count == 99)
        #expect(first.sum == 9.896988630358702)
        #expect(first.zeroThreshold == 2.938735877055719e-39)
        #expect(
            first.positiveSpans.map { [Int($0.offset), Int($0.length)] } == [
                [-78, 1], [11, 1], [1, 1], [4, 1], [2, 1], [1, 7], [1, 4], [1, 23], [3, 3],
                [1, 2], [3, 2], [3, 1],
            ])
        #expect(first.positiveCounts.reduce(0, +) == 99)
        #expect(first.positiveCounts.prefix(13) == [1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 3, 1, 6])
    }

    @Test func damageNeverTraps() throws {
        for folder in ["remote-write-server", "remote-write-otel-python"] {
            var seen: Set<Int> = []
            for (_, body) in try PrometheusData.remoteWrites(folder)
            where seen.insert(body.count / 50_000).inserted {
                DecoderVerifier.verify(body, seed: UInt64(body.count)) { bytes in
                    let batch = try RemoteWrite.decode(bytes).batch
                    DecoderDamageTests.check(batch)
                    expectCanonical(batch)
                }
            }
        }
    }
}

/// Every series of a batch has sorted, unique labels with values, and a name.
func expectCanonical(_ batch: SampleBatch) {
    var start = 0
    for end in batch.seriesEnds {
        let range = start..<Int(end)
        start = Int(end)
        guard range.upperBound <= batch.seriesBytes.count, range.count > 0 else {
            Issue.record("a series outside of the bytes")
            return
        }
        let labels = Labels(canonical: Array(batch.seriesBytes[range]))
        if Labels(labels.pairs) != labels || labels.metricName.isEmpty {
            Issue.record("labels that are not canonical: \(labels.pairs)")
        }
    }
    if start != batch.seriesBytes.count { Issue.record("bytes after the last series") }
}
