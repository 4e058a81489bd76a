import PerchModel
import PerchTestSupport
import Testing

@testable import PerchSeries

@Suite("Columns of samples read back bit by bit")
struct SeriesCodecTests {
    /// Values of one kind, as senders have them.
    private static func values(_ kind: Int, _ count: Int, _ random: inout SeededGenerator)
        -> [Double]
    {
        var sum = Double(Int.random(in: 0..<1_000_000, using: &random))
        return (0..<count).map { index in
            switch kind {
            case 0:
                sum += Double(Int.random(in: 0..<30, using: &random))
                return sum
            case 1: return Double(Int.random(in: -10_000..<10_000, using: &random)) / 100
            case 2: return Double(Int.random(in: 0..<1 << 20, using: &random)) * 4096
            case 3: return Double(bitPattern: random.next())
            case 4: return 17.25
            case 5:
                sum += Double.random(in: 0..<1, using: &random)
                return sum
            case 6: return [0.1, 1e300, -1e-300, Double.leastNonzeroMagnitude, 0, -0.0][index % 6]
            case 7: return index % 5 == 0 ? .nan : Double(index)
            case 8: return [Double.infinity, -.infinity, 9_007_199_254_740_994, 1e19][index % 4]
            default:
                return index == count - 1
                    ? Double(bitPattern: SampleBatch.staleMarkerBits) : Double(index * 7)
            }
        }
    }

    @Test("values of any kind", arguments: 0..<10)
    func values(kind: Int) throws {
        var random = SeededGenerator(seed: UInt64(kind))
        var scratch = ValueColumn.Scratch()
        var numbers: [Int64] = []
        for count in [1, 2, 3, 63, 64, 65, 127, 128, 129, 300, 512] {
            let values = Self.values(kind, count, &random)
            var bytes: [UInt8] = []
            ValueColumn.append(values, &scratch, to: &bytes)
            for slack in [0, 8] {
                let padded = bytes + Array(repeating: 0xAA, count: slack)
                var offset = 0
                var result: [Double] = []
                try ValueColumn.read(
                    padded.span, at: &offset, count: count, &numbers, into: &result)
                #expect(result.map(\.bitPattern) == values.map(\.bitPattern), "\(count) values")
                #expect(offset == bytes.count)
            }
        }
    }

    @Test("whole numbers of any size, with differences of any order", arguments: 0..<60)
    func integers(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let width = UInt64(seed % 64)
        let count = Int.random(in: 1..<400, using: &random)
        let factor = seed % 3 == 0 ? 1000 : Int64(1)
        let numbers = (0..<count).map { _ in
            Int64(bitPattern: random.next() >> width) &* factor
        }
        for order in [IntegerColumn.Order.none, .once, .twice] {
            var scratch = IntegerColumn.Scratch()
            var bytes: [UInt8] = []
            let used = IntegerColumn.append(
                numbers, candidates: [order], &scratch, to: &bytes)
            var offset = 0
            var result: [Int64] = []
            try IntegerColumn.read(
                bytes.span, at: &offset, count: count, order: used, into: &result)
            #expect(result == numbers)
        }
    }

    /// MET-3: counters and gauges of usual fleets are small; the budget is a byte a sample.
    @Test("usual series take few bytes")
    func sizes() {
        var random = SeededGenerator(seed: 1)
        var scratch = ValueColumn.Scratch()
        for (kind, bytesPerValue) in [(0, 0.8), (1, 2.1), (2, 2.7), (4, 0.05)] {
            var bytes: [UInt8] = []
            ValueColumn.append(Self.values(kind, 480, &random), &scratch, to: &bytes)
            #expect(Double(bytes.count) / 480 < bytesPerValue, "kind \(kind)")
        }
    }

    @Test("a damaged column throws or reads, and never traps", arguments: [0, 1, 3, 5, 7, 9])
    func damage(kind: Int) {
        var random = SeededGenerator(seed: 9)
        var scratch = ValueColumn.Scratch()
        var bytes: [UInt8] = []
        ValueColumn.append(Self.values(kind, 130, &random), &scratch, to: &bytes)
        let outcome = DecoderVerifier.verify(bytes) { bytes in
            var offset = 0
            var numbers: [Int64] = []
            var result: [Double] = []
            try ValueColumn.read(bytes.span, at: &offset, count: 130, &numbers, into: &result)
        }
        #expect(outcome.refused > bytes.count / 2)
    }

    @Test("chunks answer any range of time", arguments: 0..<6)
    func chunks(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var scratch = ChunkScratch()
        let count = [1, 2, 3, 64, 130, 512][seed]
        for isRegular in [true, false] {
            var time: Int64 = 1_000_000
            let times = (0..<count).map { _ in
                time += isRegular ? 15_000 : Int64.random(in: 1..<30_000, using: &random)
                return time
            }
            let values = Self.values(0, count, &random)
            var bytes: [UInt8] = []
            SegmentChunk.append(times: times, values: values, &scratch, to: &bytes)
            let isIntact = SegmentChunk.isIntact(bytes.span)
            #expect(isIntact)
            let content = bytes[..<(bytes.count - SegmentChunk.checksumByteCount)]
            let entry = ChunkEntry(
                kind: .samples, count: count, minTime: times[0], maxTime: time, offset: 0,
                byteCount: bytes.count)
            for _ in 0..<40 {
                let low = Int64.random(in: 990_000...(time + 10), using: &random)
                let range = low...(low + Int64.random(in: 0...(time - 900_000), using: &random))
                var chunk = SeriesChunk(labels: Labels(canonical: []))
                try SegmentChunk.read(content.span, entry, range, &scratch, into: &chunk)
                let expected = times.indices.filter { range.contains(times[$0]) }
                #expect(chunk.times == expected.map { times[$0] })
                #expect(chunk.values == expected.map { values[$0] })
            }
        }
    }

    @Test("a chunk with a changed byte is refused")
    func chunkChecksum() {
        var scratch = ChunkScratch()
        var bytes: [UInt8] = []
        SegmentChunk.append(times: [1, 2, 5], values: [1, 2, 3], &scratch, to: &bytes)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 4
            let isIntact = SegmentChunk.isIntact(damaged.span)
            #expect(!isIntact)
        }
    }
}
