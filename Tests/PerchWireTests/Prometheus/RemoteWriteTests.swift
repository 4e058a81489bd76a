import PerchModel
import Testing

@testable import PerchWire

/// Rules of remote write that recordings do not show.
@Suite struct RemoteWriteTests {
    /// A message made by hand.
    static func message(_ fill: (inout ProtoWriter) -> Void) -> [UInt8] {
        var writer = ProtoWriter()
        fill(&writer)
        return writer.bytes
    }

    static func label(_ name: String, _ value: String) -> [UInt8] {
        message {
            $0.bytes(field: 1, Array(name.utf8))
            $0.bytes(field: 2, Array(value.utf8))
        }
    }

    static func sample(_ value: Double, _ time: Int64) -> [UInt8] {
        message {
            $0.fixed64(field: 1, value.bitPattern)
            $0.varint(field: 2, UInt64(bitPattern: time))
        }
    }

    static func series(
        _ labels: [(String, String)], _ fields: [(UInt32, [UInt8])] = [(2, sample(1, 5))]
    ) -> [UInt8] {
        message {
            for (name, value) in labels { $0.bytes(field: 1, label(name, value)) }
            for (field, bytes) in fields { $0.bytes(field: field, bytes) }
        }
    }

    static func decode(_ series: [UInt8]...) throws -> RemoteWriteResult {
        try RemoteWrite.decode(
            message { for one in series { $0.bytes(field: 1, one) } })
    }

    @Test(arguments: [
        [("__name__", "up"), ("job", "a")], [("job", "a"), ("__name__", "up")],
        [("__name__", "up"), ("empty", ""), ("job", "a")],
    ])
    func labelsAreSortedAndEmptyOnesLeftOut(_ labels: [(String, String)]) throws {
        let batch = try Self.decode(Self.series(labels)).batch
        #expect(batch.labels(at: 0) == Labels([("__name__", "up"), ("job", "a")]))
        #expect(batch.times == [5])
        #expect(batch.values == [1])
    }

    @Test(
        arguments: [
            ([("job", "a")], "a series without a metric's name"),
            ([("__name__", "")], "a series without a metric's name"),
            ([], "a series without a metric's name"),
            ([("__name__", "up"), ("a", "1"), ("a", "2")], "the label a twice"),
            ([("__name__", "up"), ("b", "1"), ("a", "2"), ("b", "1")], "the label b twice"),
            ([("__name__", "up"), ("", "1")], "a label without a name"),
        ] as [([(String, String)], String)])
    func aBadSeriesIsRefusedAndTheOthersAreTaken(
        _ labels: [(String, String)], _ message: String
    ) throws {
        let good = Self.series([("__name__", "up")])
        let bad = Self.series(labels, [(2, Self.sample(1, 1)), (2, Self.sample(1, 2))])
        let result = try Self.decode(good, bad, good)
        #expect(result.rejectedCount == 2)
        #expect(result.rejectedMessage == message)
        #expect(result.batch.sampleCount == 2)
        expectCanonical(result.batch)
    }

    @Test func textIsUTF8() throws {
        let name = "größe.日本"
        let good = Self.series([("__name__", name), ("ключ", "значение")])
        var bad = Self.series([("__name__", "up"), ("a", "xy")])
        let place = try #require(bad.firstIndex(of: UInt8(ascii: "x")))
        bad[place] = 0xff
        let result = try Self.decode(good, bad)
        #expect(result.batch.labels(at: 0).pairs.map(\.name) == ["__name__", "ключ"])
        #expect(result.batch.labels(at: 0).metricName == name)
        #expect(result.rejectedMessage == "a label that is not UTF-8")
        #expect(result.rejectedCount == 1)
    }

    @Test func longLabelsKeepTheirLength() throws {
        for length in [1, 15, 16, 17, 127, 128, 20_000] {
            let value = String(repeating: "x", count: length)
            let result = try Self.decode(Self.series([("__name__", "m"), ("a", value)]))
            #expect(result.batch.labels(at: 0)["a"] == value)
        }
    }

    @Test func repeatedSeriesAreOne() throws {
        let series = (0..<3).map { Self.series([("__name__", "m"), ("a", "\($0)")]) }
        let body = Self.message { writer in
            for _ in 0..<4 { for one in series { writer.bytes(field: 1, one) } }
        }
        let batch = try RemoteWrite.decode(body).batch
        #expect(batch.seriesCount == 3)
        #expect(batch.seriesIndexes == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
    }

    @Test(
        arguments: [
            SampleBatch.staleMarkerBits, 0x7ff8_0000_0000_0001, 0xfff8_0000_0000_0000,
            (-0.0).bitPattern, Double.infinity.bitPattern,
        ] as [UInt64])
    func valuesAreKeptBitExact(_ bits: UInt64) throws {
        let sample = Self.sample(Double(bitPattern: bits), -5)
        let batch = try Self.decode(Self.series([("__name__", "m")], [(2, sample)])).batch
        #expect(batch.values.map(\.bitPattern) == [bits])
        #expect(batch.times == [-5])
    }

    @Test func whatIsLeftOutIsZero() throws {
        let batch = try Self.decode(Self.series([("__name__", "m")], [(2, [])])).batch
        #expect(batch.values == [0])
        #expect(batch.times == [0])
    }

    @Test func unknownFieldsAreSkipped() throws {
        let sample = Self.sample(2, 7) + Self.message { $0.varint(field: 9, 1) }
        let series = Self.series([("__name__", "m")], [(2, sample), (30, [1, 2, 3])])
        let body = Self.message {
            $0.fixed32(field: 12, 9)
            $0.bytes(field: 1, series)
        }
        #expect(try RemoteWrite.decode(body).batch.values == [2])
    }

    @Test func exemplarsKeepTheirLabels() throws {
        let exemplar = Self.message {
            $0.bytes(field: 1, Self.label("trace_id", "abc"))
            $0.bytes(field: 1, Self.label("span_id", "d"))
            $0.fixed64(field: 2, 0.5.bitPattern)
            $0.varint(field: 3, 42)
        }
        let long = Self.message {
            $0.bytes(field: 1, Self.label("trace_id", String(repeating: "x", count: 121)))
        }
        let result = try Self.decode(
            Self.series([("__name__", "m")], [(3, exemplar), (3, long)]))
        #expect(
            result.batch.exemplars == [
                Exemplar(
                    series: 0, timeMillis: 42, value: 0.5,
                    labels: Labels([("span_id", "d"), ("trace_id", "abc")]))
            ])
        #expect(result.droppedExemplars == 1)
    }

    @Test(
        arguments: [
            [0x0a], [0x0a, 0x05, 0x0a], [0x0a, 0x02, 0x12, 0x05], [0x0b], [0xff],
            [0x0a, 0x04, 0x12, 0x02, 0x09, 0x00],
        ] as [[UInt8]])
    func whatIsNoMessageIsRefused(_ body: [UInt8]) {
        #expect(throws: WireFailure.self) { try RemoteWrite.decode(body) }
    }

    @Test func labelsAfterSamplesAreRefused() {
        let series = Self.message {
            $0.bytes(field: 1, Self.label("__name__", "m"))
            $0.bytes(field: 2, Self.sample(1, 1))
            $0.bytes(field: 1, Self.label("a", "b"))
        }
        #expect(throws: WireFailure.self) { try Self.decode(series) }
    }

    /// Two bytes make a sample: a small body must not become a large batch.
    @Test func samplesOfABodyAreBounded() {
        let samples = [UInt8](
            [[UInt8]](repeating: [0x12, 0x00], count: PrometheusLimits.maxRows + 1).joined())
        let series = Self.series([("__name__", "m")], []) + samples
        #expect(
            throws: WireFailure.tooLarge("over 2000000 samples in one request")
        ) { try Self.decode(series) }
    }
}
