import PerchModel
import Testing

@testable import PerchWire

/// What is written reads back as it was.
@Suite struct ExpositionWriterTests {
    private static let odd = Labels([
        ("__name__", "shop_requests_total"), ("path", "/\"\\\nü"), ("Region", "eu"),
    ])

    @Test(arguments: [ExpositionFormat.openMetrics, .text])
    func samplesReadBack(_ format: ExpositionFormat) throws {
        let values = [
            0, -0.0, 1, 0.1, 1e300, .leastNonzeroMagnitude, -12_345_678_901, 9_007_199_254_740_992,
            .infinity,
            -.infinity, 0.30000000000000004,
        ]
        let times: [Int64] = [0, 1, 999, 1_000, 1_795_226_000_123, -1, -1_500]
        let series = [Self.odd, Labels([("__name__", "http.requests"), ("a.b", "c")])]
        var writer = ExpositionWriter(format: format)
        for labels in series {
            writer.series(labels)
            for value in values {
                for time in times { writer.sample(value, timeMillis: time) }
            }
        }
        writer.end()
        let batch = try Exposition.decode(
            writer.bytes, format: format, options: ExpositionOptions(defaultTimeMillis: 7)
        ).batch
        #expect((0..<batch.seriesCount).map { batch.labels(at: $0) } == series)
        #expect(batch.times == series.flatMap { _ in values.flatMap { _ in times } })
        let expected = series.flatMap { _ in values.flatMap { value in times.map { _ in value } } }
        #expect(batch.values.map(\.bitPattern) == expected.map(\.bitPattern))
    }

    @Test func descriptionsReadBack() throws {
        let families = [
            MetricMetadata(
                family: "wait_seconds", type: .histogram, unit: "seconds", help: "a \"b\" \\ \n c"),
            MetricMetadata(family: "http.requests", type: .counter, unit: "", help: ""),
        ]
        var writer = ExpositionWriter(format: .openMetrics)
        for family in families { writer.family(family) }
        writer.end()
        let batch = try Exposition.decode(
            writer.bytes, format: .openMetrics, options: ExpositionOptions(defaultTimeMillis: 7)
        ).batch
        #expect(batch.metadata == families)
    }

    /// A unit that does not end its family's name would make the body unreadable.
    @Test func aUnitThatDoesNotFitIsLeftOut() {
        var writer = ExpositionWriter(format: .openMetrics)
        writer.family(MetricMetadata(family: "wait", type: .gauge, unit: "seconds", help: ""))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "# TYPE wait gauge\n")
    }

    @Test func exemplarsStandBesideCountersAndBucketsOnly() throws {
        let exemplar = Exemplar(
            series: 0, timeMillis: 1_500, value: 0.5, labels: Labels([("trace_id", "ab\"c")]))
        var writer = ExpositionWriter(format: .openMetrics)
        for name in ["a_total", "a_bucket", "a"] {
            writer.series(Labels([("__name__", name)]))
            writer.sample(1, timeMillis: 2_000, exemplar: exemplar)
        }
        writer.end()
        let batch = try Exposition.decode(
            writer.bytes, format: .openMetrics, options: ExpositionOptions(defaultTimeMillis: 7)
        ).batch
        #expect(batch.exemplars.map(\.series) == [0, 1])
        #expect(batch.exemplars.first?.labels == exemplar.labels)
        #expect(batch.exemplars.first?.timeMillis == 1_500)
    }

    @Test func underscoresForOlderReaders() {
        var writer = ExpositionWriter(format: .openMetrics, escaping: .underscores)
        writer.series(Labels([("__name__", "http.größe:1"), ("a.b", "c"), ("1x", "d")]))
        writer.sample(1, timeMillis: 1_000)
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == "http_gr__e:1{_x=\"d\",a_b=\"c\"} 1 1\n")
    }

    @Test func samplesStandInTheirFamilies() {
        func metadata(_ family: String, _ type: MetricType) -> MetricMetadata {
            MetricMetadata(family: family, type: type, unit: "", help: "")
        }
        let sorted = ExpositionFamilies(
            metrics: [
                "up", "b_count", "b_sum", "b_bucket", "b_created", "c_total", "c_created",
                "d_total",
                "e", "e_total", "f", "s", "s_sum", "s_count", "t_info", "lone_count",
            ],
            described: [
                metadata("b", .histogram), metadata("c_total", .counter), metadata("d", .counter),
                metadata("e", .gauge), metadata("e_total", .counter), metadata("f", .counter),
                metadata("s", .summary), metadata("t", .info), metadata("b_created", .gauge),
            ])
        let lines = sorted.families.map {
            "\($0.metadata.family) \($0.metadata.type.name): \($0.metrics.joined(separator: " "))"
        }
        #expect(
            lines == [
                "b histogram: b_bucket b_count b_created b_sum", "c counter: c_created c_total",
                "d counter: d_total", "e gauge: e", "e_total unknown: e_total", "f unknown: f",
                "lone_count unknown: lone_count", "s summary: s s_count s_sum", "t info: t_info",
                "up unknown: up",
            ])
    }

    @Test func markersAreReadWhereTheyAreAllowed() throws {
        var options = ExpositionOptions(defaultTimeMillis: 1)
        #expect(throws: WireFailure.self) {
            try Exposition.decode(Array("a StaleNaN\n".utf8), format: .text, options: options)
        }
        options.readsStaleMarkers = true
        let batch = try Exposition.decode(
            Array("a StaleNaN\na NaN\n".utf8), format: .text, options: options
        ).batch
        #expect(batch.values.first?.bitPattern == SampleBatch.staleMarkerBits)
        #expect(batch.values.last?.bitPattern == 0x7ff8_0000_0000_0001)
    }
}
