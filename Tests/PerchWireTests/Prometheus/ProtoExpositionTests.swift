import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// The protobuf form of expositions; messages as prometheus/client_model numbers their fields.
@Suite struct ProtoExpositionTests {
    typealias Fill = (inout ProtoWriter) -> Void

    static func message(_ fill: Fill) -> [UInt8] { RemoteWriteTests.message(fill) }

    static func pair(_ name: String, _ value: String) -> [UInt8] {
        message {
            $0.bytes(field: 1, Array(name.utf8))
            $0.bytes(field: 2, Array(value.utf8))
        }
    }

    /// A `MetricFamily` with its length before it.
    static func family(_ name: String, type: UInt64, _ metrics: [[UInt8]]) -> [UInt8] {
        let body = message {
            $0.bytes(field: 1, Array(name.utf8))
            $0.bytes(field: 2, Array("Help of \(name).".utf8))
            $0.varint(field: 3, type)
            for metric in metrics { $0.bytes(field: 4, metric) }
        }
        // A message of one field has a tag of one byte before its length.
        return Array(message { $0.bytes(field: 1, body) }.dropFirst())
    }

    /// A `Metric` with the label `a`.
    static func metric(_ field: UInt32, time: UInt64? = nil, _ fill: Fill) -> [UInt8] {
        message {
            $0.bytes(field: 1, pair("a", "b"))
            $0.bytes(field: field, message(fill))
            if let time { $0.varint(field: 6, time) }
        }
    }

    static func exemplar(seconds: UInt64?) -> [UInt8] {
        message {
            $0.bytes(field: 1, pair("trace_id", "t"))
            $0.fixed64(field: 2, 0.7.bitPattern)
            if let seconds {
                $0.bytes(
                    field: 3,
                    message {
                        $0.varint(field: 1, seconds)
                        $0.varint(field: 2, 250_000_000)
                    })
            }
        }
    }

    static func bucket(_ bound: Double, _ count: UInt64, exemplar: [UInt8]? = nil) -> [UInt8] {
        message {
            $0.varint(field: 1, count)
            $0.fixed64(field: 2, bound.bitPattern)
            if let exemplar { $0.bytes(field: 3, exemplar) }
        }
    }

    /// A histogram with three observations; `native` adds schema 3 with two buckets.
    static func histogram(isNative: Bool, hasBuckets: Bool = true) -> [UInt8] {
        metric(7) {
            $0.varint(field: 1, 3)
            $0.fixed64(field: 2, 4.5.bitPattern)
            if hasBuckets {
                $0.bytes(field: 3, bucket(1, 1, exemplar: exemplar(seconds: 9)))
                $0.bytes(field: 3, bucket(2.5, 3, exemplar: exemplar(seconds: nil)))
            }
            guard isNative else { return }
            $0.varint(field: 5, 6)
            $0.fixed64(field: 6, 0.001.bitPattern)
            $0.varint(field: 7, 1)
            $0.bytes(field: 12, RemoteWriteHistogramTests.span(2, 1))
            $0.bytes(field: 12, RemoteWriteHistogramTests.span(3, 1))
            $0.bytes(field: 13, RemoteWriteHistogramTests.packed([1, 0]))
        }
    }

    static func decode(
        _ body: [UInt8], _ change: (inout ExpositionOptions) -> Void = { _ in }
    ) throws -> ExpositionResult {
        var options = ExpositionOptions(defaultTimeMillis: 1_000)
        change(&options)
        return try Exposition.decode(body, format: .protobuf, options: options)
    }

    static func samples(_ result: ExpositionResult) -> [String: Double] {
        var found: [String: Double] = [:]
        for index in result.batch.times.indices {
            let labels = result.batch.labels(at: Int(result.batch.seriesIndexes[index]))
            let rest = labels.pairs.filter { $0.name != "__name__" && $0.name != "a" }
            let text = rest.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            found["\(labels.metricName){\(text)}"] = result.batch.values[index]
        }
        return found
    }

    @Test func numbersHaveTheirNames() throws {
        let body =
            Self.family(
                "c_total", type: 0,
                [
                    Self.metric(3, time: 5_000) {
                        $0.fixed64(field: 1, 2.0.bitPattern)
                        $0.bytes(field: 2, Self.exemplar(seconds: 7))
                    }
                ])
            + Self.family("g", type: 1, [Self.metric(2) { $0.fixed64(field: 1, 3.0.bitPattern) }])
            + Self.family("u", type: 3, [Self.metric(5) { $0.fixed64(field: 1, 4.0.bitPattern) }])
        let result = try Self.decode(body)
        #expect(Self.samples(result) == ["c_total{}": 2, "g{}": 3, "u{}": 4])
        #expect(result.batch.times == [5_000, 1_000, 1_000])
        #expect(result.hasOwnTime == [true, false, false])
        #expect(result.batch.metadata.map(\.type) == [.counter, .gauge, .unknown])
        #expect(result.batch.metadata.first?.help == "Help of c_total.")
        let exemplar = try #require(result.batch.exemplars.first)
        #expect(exemplar.timeMillis == 7_250)
        #expect(exemplar.value == 0.7)
        let again = try Self.decode(body) {
            $0.knownMetadataHash = result.metadataHash
            $0.honorsTimes = false
        }
        #expect(again.batch.metadata.isEmpty)
        #expect(again.batch.times == [1_000, 1_000, 1_000])
    }

    @Test func summariesAndClassicHistogramsHaveAllSeries() throws {
        let summary = Self.metric(4) {
            $0.varint(field: 1, 5)
            $0.fixed64(field: 2, 9.5.bitPattern)
            $0.bytes(
                field: 3,
                Self.message {
                    $0.fixed64(field: 1, 0.99.bitPattern)
                    $0.fixed64(field: 2, 2.0.bitPattern)
                })
        }
        let result = try Self.decode(
            Self.family("s", type: 2, [summary])
                + Self.family("h", type: 4, [Self.histogram(isNative: false)]))
        #expect(
            Self.samples(result) == [
                "s{quantile=0.99}": 2, "s_count{}": 5, "s_sum{}": 9.5, "h_bucket{le=1.0}": 1,
                "h_bucket{le=2.5}": 3, "h_bucket{le=+Inf}": 3, "h_count{}": 3, "h_sum{}": 4.5,
            ])
        // Those of classic buckets need no time.
        #expect(result.batch.exemplars.map(\.timeMillis) == [9_250, 1_000])
    }

    @Test func nativeHistogramsAreSparse() throws {
        let body = Self.family("h", type: 4, [Self.histogram(isNative: true)])
        let result = try Self.decode(body)
        #expect(result.batch.sampleCount == 0)
        let sample = try #require(result.batch.histograms.first)
        #expect(result.batch.labels(at: Int(sample.series)).metricName == "h")
        #expect(sample.histogram.schema == 3)
        #expect(sample.histogram.count == 3)
        #expect(sample.histogram.sum == 4.5)
        #expect(sample.histogram.zeroCount == 1)
        #expect(sample.histogram.positiveCounts == [1, 1])
        #expect(sample.histogram.positiveSpans.map(\.offset) == [2, 3])
        #expect(sample.histogram.resetHint == .unknown)
        // Only that with a time.
        #expect(result.batch.exemplars.map(\.timeMillis) == [9_250])
        let both = try Self.decode(body) { $0.keepsClassicHistograms = true }
        #expect(both.batch.histograms.count == 1)
        #expect(both.batch.sampleCount == 5)
        let classic = try Self.decode(body) { $0.readsNativeHistograms = false }
        #expect(classic.batch.histograms.isEmpty)
        #expect(classic.batch.sampleCount == 5)
        let gauge = try Self.decode(
            Self.family("h", type: 5, [Self.histogram(isNative: true, hasBuckets: false)]))
        #expect(gauge.batch.histograms.map(\.histogram.resetHint) == [.gauge])
        #expect(gauge.batch.metadata.map(\.type) == [.gaugeHistogram])
    }

    @Test func floatHistogramsAreFloats() throws {
        let counts = Array(
            Self.message { $0.fixed64(field: 1, 1.5.bitPattern) }.dropFirst())
        let histogram = Self.metric(7) {
            $0.fixed64(field: 4, 2.25.bitPattern)
            $0.fixed64(field: 2, 1.0.bitPattern)
            $0.fixed64(field: 8, 0.75.bitPattern)
            $0.bytes(field: 9, RemoteWriteHistogramTests.span(1, 1))
            $0.bytes(field: 11, counts)
        }
        let result = try Self.decode(Self.family("h", type: 4, [histogram]))
        let found = try #require(result.batch.histograms.first?.histogram)
        #expect(!found.isInteger)
        #expect(found.count == 2.25)
        #expect(found.zeroCount == 0.75)
        #expect(found.negativeCounts == [1.5])
    }

    @Test(arguments: [
        (1, "1.0"), (0, "0.0"), (0.5, "0.5"), (-2, "-2.0"), (100_000, "100000.0"),
        (1_000_000, "1e+06"), (1_234_567, "1.234567e+06"), (0.0001, "0.0001"), (1e-5, "1e-05"),
        (2.5e-7, "2.5e-07"), (.infinity, "+Inf"), (1e100, "1e+100"), (12.75, "12.75"),
    ])
    func bounds(_ value: Double, _ text: String) {
        #expect(FloatText.openMetrics(value) == text)
    }

    /// A body with a mistake is refused whole, with its byte.
    @Test func mistakesHaveTheirPlace() throws {
        let good = Self.family("g", type: 1, [Self.metric(2) { $0.fixed64(field: 1, 0) }])
        let twice = Self.message {
            $0.bytes(field: 1, Self.pair("a", "1"))
            $0.bytes(field: 1, Self.pair("a", "2"))
            $0.bytes(field: 2, [])
        }
        let overfull = Self.metric(7) {
            $0.varint(field: 1, 3)
            $0.bytes(field: 12, RemoteWriteHistogramTests.span(0, 900))
        }
        let bad: [([UInt8], String)] = [
            ([5, 1], "field is longer than its message"),
            ([0], "a family without a name in UTF-8"),
            (Self.family("\u{1}", type: 1, [[]]), "a metric without a value of its type"),
            (Self.family("x", type: 1, [twice]), "a label stands twice"),
            (Self.family("x", type: 4, [overfull]), "a histogram with 0 buckets in spans of 900"),
        ]
        for (bytes, message) in bad {
            let failure = #expect(throws: WireFailure.self) { try Self.decode(good + bytes) }
            guard case .malformed(message, let position) = failure else {
                Issue.record("\(String(describing: failure)) for \(message)")
                continue
            }
            #expect(position >= good.count)
        }
    }

    /// One label that is long, with many buckets, must not become gigabytes.
    @Test func repeatedLabelsAreBounded() throws {
        let long = String(repeating: "x", count: 200_000)
        let metric = Self.message {
            $0.bytes(field: 1, Self.pair("a", long))
            $0.bytes(
                field: 7,
                Self.message { histogram in
                    for bound in 0..<3_000 {
                        histogram.bytes(field: 3, Self.bucket(Double(bound), 1))
                    }
                })
        }
        let failure = #expect(throws: WireFailure.self) {
            try Self.decode(Self.family("h", type: 4, [metric]))
        }
        #expect(failure == .tooLarge("labels of all series are too long, or the series too many"))
    }

    @Test func damageIsRefusedOrRead() {
        let body =
            Self.family("h", type: 4, [Self.histogram(isNative: true)])
            + Self.family("c_total", type: 0, [Self.metric(3) { $0.fixed64(field: 1, 0) }])
        let outcome = DecoderVerifier.verify(body) { bytes in
            _ = try Self.decode(bytes) {
                $0.keepsClassicHistograms = true
                $0.convertsClassicHistograms = true
            }
        }
        #expect(outcome.refused > 0)
        #expect(outcome.accepted > 0)
    }

    @Test(arguments: [ExpositionFormat.text, .protobuf])
    func classicHistogramsBecomeNative(_ format: ExpositionFormat) throws {
        let text = """
            # HELP h Help of h.
            # TYPE h histogram
            h_bucket{a="b",le="1"} 1
            h_bucket{a="b",le="2.5"} 3
            h_bucket{a="b",le="+Inf"} 3
            h_sum{a="b"} 4.5
            h_count{a="b"} 3
            # TYPE bad histogram
            bad_bucket{le="1"} 5
            bad_bucket{le="+Inf"} 3
            other_count 1

            """
        let body =
            format == .text
            ? Array(text.utf8)
            : Self.family("h", type: 4, [Self.histogram(isNative: false)])
        for keeps in [false, true] {
            var options = ExpositionOptions(defaultTimeMillis: 1_000)
            options.convertsClassicHistograms = true
            options.keepsClassicHistograms = keeps
            let result = try Exposition.decode(body, format: format, options: options)
            let sample = try #require(result.batch.histograms.first)
            #expect(result.batch.histograms.count == 1)
            #expect(
                result.batch.labels(at: Int(sample.series))
                    == Labels([("__name__", "h"), ("a", "b")]))
            #expect(sample.timeMillis == 1_000)
            #expect(sample.histogram.schema == NativeHistogram.customBoundsSchema)
            #expect(sample.histogram.customBounds == [1, 2.5])
            #expect(sample.histogram.positiveCounts == [1, 2])
            #expect(sample.histogram.count == 3)
            #expect(sample.histogram.sum == 4.5)
            #expect(sample.histogram.isInteger)
            // What does not add up stays as it came.
            let others = format == .text ? 3 : 0
            #expect(result.batch.sampleCount == others + (keeps ? 5 : 0))
            #expect(result.hasOwnTime.count == result.batch.sampleCount)
        }
    }
}
