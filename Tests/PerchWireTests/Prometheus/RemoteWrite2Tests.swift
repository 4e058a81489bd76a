import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// Remote write 2.0, by an encoder of its own.
///
/// Source: prometheus.io/docs/specs/prw/remote_write_spec_2_0.
@Suite struct RemoteWrite2Tests {
    private typealias One = RemoteWriteTests

    private static let symbols = [
        "", "__name__", "shop_wait_bucket", "job", "a", "Waiting.", "seconds", "trace_id", "ab",
        "up",
    ]

    private static func packed(_ references: [UInt8]) -> [UInt8] {
        One.message { $0.bytes(field: 1, references) }
    }

    private static func metadata(_ type: UInt64, help: UInt64, unit: UInt64) -> [UInt8] {
        One.message {
            $0.varint(field: 1, type)
            $0.varint(field: 3, help)
            $0.varint(field: 4, unit)
        }
    }

    private static func request(
        _ symbols: [String] = symbols, _ series: [[UInt8]]
    ) -> [UInt8] {
        One.message {
            for symbol in symbols { $0.bytes(field: 4, Array(symbol.utf8)) }
            for one in series { $0.bytes(field: 5, one) }
        }
    }

    private static func exemplar(_ references: [UInt8]) -> [UInt8] {
        packed(references)
            + One.message {
                $0.fixed64(field: 2, 0.5.bitPattern)
                $0.varint(field: 3, 7)
            }
    }

    private static let histogram = One.message {
        $0.varint(field: 1, 2)
        $0.fixed64(field: 3, 3.0.bitPattern)
        $0.bytes(field: 11, RemoteWriteHistogramTests.span(1, 1))
        $0.bytes(field: 12, RemoteWriteHistogramTests.packed([2]))
        $0.varint(field: 15, 9)
        $0.varint(field: 17, 1)
    }

    /// Everything that a request can have.
    static let full = request(
        series: [
            packed([3, 4, 1, 2])
                + One.message {
                    $0.bytes(field: 2, One.sample(1, 5) + One.message { $0.varint(field: 3, 1) })
                    $0.bytes(field: 2, One.sample(2, 6))
                    $0.bytes(field: 4, exemplar([7, 8]))
                    $0.bytes(field: 5, metadata(3, help: 5, unit: 6))
                    $0.varint(field: 6, 1)
                },
            packed([1, 9]) + One.message { $0.bytes(field: 3, histogram) },
        ])

    private static func request(series: [[UInt8]]) -> [UInt8] { request(symbols, series) }

    /// MET-6: what is pushed arrives, in the newer message too.
    @Test func everythingIsRead() throws {
        let result = try RemoteWrite.decode2(Self.full)
        let batch = result.batch
        #expect(result.rejectedCount == 0, "\(result.rejectedMessage)")
        #expect(
            (0..<batch.seriesCount).map { batch.labels(at: $0) } == [
                Labels([("__name__", "shop_wait_bucket"), ("job", "a")]),
                Labels([("__name__", "up")]),
            ])
        #expect(batch.times == [5, 6])
        #expect(batch.values == [1, 2])
        #expect(batch.histograms.map(\.timeMillis) == [9])
        #expect(batch.histograms.first?.histogram.positiveCounts == [2])
        #expect(
            batch.exemplars == [
                Exemplar(
                    series: 0, timeMillis: 7, value: 0.5, labels: Labels([("trace_id", "ab")]))
            ])
        #expect(
            batch.metadata == [
                MetricMetadata(
                    family: "shop_wait", type: .histogram, unit: "seconds", help: "Waiting.")
            ])
    }

    @Test(
        arguments: [
            ([1, 99], "a series without a metric's name"),
            ([1, 9, 3, 99], "a reference to a symbol that is not there"),
            ([1, 9, 3], "a label without a value"), ([3, 4], "a series without a metric's name"),
            ([1, 0], "a series without a metric's name"),
            ([1, 9, 3, 4, 3, 4], "the label job twice"),
            ([1, 9, 0, 4], "a label without a name"), ([], "a series without a metric's name"),
        ] as [([UInt8], String)])
    func aSeriesIsRefusedAlone(_ references: [UInt8], _ message: String) throws {
        let sample = One.message { $0.bytes(field: 2, One.sample(1, 5)) }
        let result = try RemoteWrite.decode2(
            Self.request(series: [
                Self.packed(references) + sample, Self.packed([1, 9]) + sample,
            ]))
        // A reference to nothing is told before a name that is missing because of it.
        let expected =
            references == [1, 99] ? "a reference to a symbol that is not there" : message
        #expect(result.rejectedMessage == expected)
        #expect(result.rejectedCount == 1)
        #expect(result.batch.sampleCount == 1)
    }

    @Test func referencesNeedNotBePacked() throws {
        let series = One.message {
            $0.varint(field: 1, 1)
            $0.varint(field: 1, 9)
            $0.bytes(field: 2, One.sample(1, 5))
        }
        let batch = try RemoteWrite.decode2(Self.request(series: [series])).batch
        #expect(batch.labels(at: 0) == Labels([("__name__", "up")]))
    }

    /// A long symbol that is referred to again and again must not make memory of it.
    @Test func repeatedSymbolsAreBounded() {
        let long = String(repeating: "x", count: 1 << 20)
        let body = Self.request(
            ["", "__name__", long],
            [Self.packed([1, 2] + Array(repeating: 2, count: 300))])
        #expect(throws: WireFailure.self) { try RemoteWrite.decode2(body) }
    }

    @Test func damageIsSurvived() {
        let outcome = DecoderVerifier.verify(Self.full) { _ = try RemoteWrite.decode2($0) }
        #expect(outcome.refused > 0)
        #expect(outcome.accepted > 0)
    }
}
