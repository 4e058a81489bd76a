import PerchModel
import Testing

@testable import PerchWire

@Suite struct RemoteWriteHistogramTests {
    static func span(_ offset: Int64, _ length: UInt64) -> [UInt8] {
        RemoteWriteTests.message {
            $0.varint(field: 1, UInt64(bitPattern: (offset << 1) ^ (offset >> 63)))
            $0.varint(field: 2, length)
        }
    }

    static func packed(_ deltas: [Int64]) -> [UInt8] {
        deltas.map { UInt8(truncatingIfNeeded: ($0 << 1) ^ ($0 >> 63)) }
    }

    static func decode(_ fill: (inout ProtoWriter) -> Void) throws -> RemoteWriteResult {
        try RemoteWriteTests.decode(
            RemoteWriteTests.series(
                [("__name__", "h")], [(4, RemoteWriteTests.message(fill))]))
    }

    @Test func integersAreDifferences() throws {
        let result = try Self.decode {
            $0.varint(field: 1, 11)
            $0.fixed64(field: 3, 18.4.bitPattern)
            $0.varint(field: 4, 2)
            $0.fixed64(field: 5, 0.001.bitPattern)
            $0.varint(field: 6, 2)
            $0.bytes(field: 8, Self.span(0, 1))
            $0.bytes(field: 9, Self.packed([1]))
            $0.bytes(field: 11, Self.span(-2, 2))
            $0.bytes(field: 11, Self.span(3, 1))
            $0.bytes(field: 12, Self.packed([3, 1, -3]))
            $0.varint(field: 14, 3)
            $0.varint(field: 15, 1_000)
        }
        let sample = try #require(result.batch.histograms.first, "\(result.rejectedMessage)")
        #expect(sample.timeMillis == 1_000)
        #expect(sample.histogram.schema == 1)
        #expect(sample.histogram.positiveCounts == [3, 4, 1])
        #expect(sample.histogram.negativeCounts == [1])
        #expect(sample.histogram.positiveSpans.map(\.offset) == [-2, 3])
        #expect(sample.histogram.zeroCount == 2)
        #expect(sample.histogram.zeroThreshold == 0.001)
        #expect(sample.histogram.resetHint == .gauge)
        #expect(sample.histogram.isInteger)
    }

    @Test func floatsAreCounts() throws {
        let counts = [1.5, 2.5].flatMap { value in
            RemoteWriteTests.message { $0.fixed64(field: 1, value.bitPattern) }.dropFirst()
        }
        let result = try Self.decode {
            $0.fixed64(field: 2, 4.25.bitPattern)
            $0.fixed64(field: 7, 0.25.bitPattern)
            $0.bytes(field: 11, Self.span(1, 2))
            $0.bytes(field: 13, counts)
        }
        let histogram = try #require(result.batch.histograms.first?.histogram)
        #expect(histogram.positiveCounts == [1.5, 2.5])
        #expect(histogram.count == 4.25)
        #expect(!histogram.isInteger)
    }

    @Test func boundsCanBeListed() throws {
        let result = try Self.decode {
            $0.varint(field: 1, 3)
            $0.varint(field: 4, 105)
            $0.bytes(field: 11, Self.span(0, 3))
            $0.bytes(field: 12, Self.packed([1, 0, 0]))
            $0.fixed64(field: 16, 0.1.bitPattern)
            $0.fixed64(field: 16, 2.5.bitPattern)
        }
        let histogram = try #require(
            result.batch.histograms.first?.histogram, "\(result.rejectedMessage)")
        #expect(histogram.usesCustomBounds)
        #expect(histogram.customBounds == [0.1, 2.5])
        #expect(histogram.positiveCounts == [1, 1, 1])
    }

    @Test func aStaleMarkerIsKept() throws {
        let result = try Self.decode { $0.fixed64(field: 3, SampleBatch.staleMarkerBits) }
        #expect(result.batch.histograms.first?.histogram.isStaleMarker == true)
    }

    @Test func whatDoesNotAddUpIsRefusedAlone() throws {
        let bad = RemoteWriteTests.message {
            $0.varint(field: 1, 5)
            $0.bytes(field: 11, Self.span(0, 2))
            $0.bytes(field: 12, Self.packed([1, 1]))
        }
        let result = try RemoteWriteTests.decode(
            RemoteWriteTests.series(
                [("__name__", "h")], [(4, bad), (2, RemoteWriteTests.sample(1, 1))]))
        #expect(result.rejectedCount == 1)
        #expect(
            result.rejectedMessage
                == "a histogram with 3.0 observations in its buckets and a count of 5.0")
        #expect(result.batch.histograms.isEmpty)
        #expect(result.batch.sampleCount == 1)
    }

    @Test(
        arguments: [
            (1, [0, 0]), (3, [0, 0]), (2, [-1, 0]),
        ] as [(UInt64, [Int64])])
    func spansAndCountsMustFit(_ length: UInt64, _ deltas: [Int64]) throws {
        let result = try Self.decode {
            $0.bytes(field: 11, Self.span(0, length))
            $0.bytes(field: 12, Self.packed(deltas))
        }
        #expect(result.rejectedCount == 1)
        #expect(result.batch.histograms.isEmpty)
    }

    @Test func aSumOfDifferencesDoesNotOverflow() throws {
        let huge = RemoteWriteTests.message { $0.varint(field: 12, UInt64.max - 1) }
        let result = try Self.decode {
            $0.bytes(field: 11, Self.span(0, 3))
            $0.bytes += huge + huge + huge
        }
        #expect(result.rejectedMessage == "a histogram with a bucket's count over 64 bits")
    }
}
