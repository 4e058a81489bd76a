import PerchBytes
import PerchTestSupport
import Testing

@Suite("Little-endian numbers")
struct LittleEndianTests {
    @Test func bytesStandLowestFirst() throws {
        var bytes: [UInt8] = []
        LittleEndian.append(0x0102_0304 as UInt32, to: &bytes)
        LittleEndian.append(-2 as Int64, to: &bytes)
        LittleEndian.append(1.5, to: &bytes)
        #expect(
            bytes == [4, 3, 2, 1, 0xFE] + [UInt8](repeating: 0xFF, count: 7)
                + [0, 0, 0, 0, 0, 0, 0xF8, 0x3F])
        LittleEndian.store(0xAABB as UInt16, in: &bytes, at: 1)
        #expect(bytes.prefix(4) == [4, 0xBB, 0xAA, 1])
        #expect(try LittleEndian.load(Int64.self, from: bytes.span, at: 4) == -2)
    }

    @Test func loadsOutsideThrow() {
        let bytes: [UInt8] = [1, 2, 3, 4]
        for offset in [1, 4, 5, Int.max, -1, Int.min] {
            #expect(throws: ByteFailure.truncated(atByte: 4)) {
                try LittleEndian.load(UInt32.self, from: bytes.span, at: offset)
            }
        }
        for (count, offset) in [(2, 0), (Int.max, 0), (-1, 0), (1, 1), (1, -1), (0, 5)] {
            #expect(throws: ByteFailure.truncated(atByte: 4)) {
                try LittleEndian.loadArray(UInt32.self, count: count, from: bytes.span, at: offset)
            }
        }
    }

    @Test func columnsRoundTripByBitPattern() throws {
        let doubles = [
            0, -0.0, .nan, .infinity, .leastNonzeroMagnitude,
            Double(bitPattern: 0x7FF0_0000_0000_0002),
        ]
        let times = [Int64.min, -1, 0, 1, .max]
        let refs: [UInt32] = [0, 1, .max]
        var bytes: [UInt8] = [7]
        LittleEndian.append(contentsOf: doubles, to: &bytes)
        LittleEndian.append(contentsOf: times, to: &bytes)
        LittleEndian.append(contentsOf: refs, to: &bytes)
        LittleEndian.append(contentsOf: [UInt64](), to: &bytes)
        var reader = ByteReader(bytes)
        #expect(try reader.read(UInt8.self) == 7)
        let read = try reader.readArray(Double.self, count: doubles.count)
        #expect(read.map(\.bitPattern) == doubles.map(\.bitPattern))
        #expect(try reader.readArray(Int64.self, count: times.count) == times)
        #expect(try reader.readArray(UInt32.self, count: refs.count) == refs)
        #expect(reader.isAtEnd)
    }
}
