import PerchBytes
import PerchTestSupport
import Testing

@Suite("Varints and the reader")
struct VarintTests {
    @Test(
        arguments: [
            (0, [0]), (1, [1]), (127, [0x7F]), (128, [0x80, 1]), (300, [0xAC, 2]),
            (UInt64.max, [UInt8](repeating: 0xFF, count: 9) + [1]),
        ] as [(UInt64, [UInt8])])
    func knownValues(_ value: UInt64, _ bytes: [UInt8]) throws {
        var written: [UInt8] = []
        Varint.append(value, to: &written)
        #expect(written == bytes)
        var offset = 0
        #expect(try Varint.read(bytes.span, at: &offset) == value)
        #expect(offset == bytes.count)
        for count in 0..<bytes.count {
            var offset = 0
            let prefix = Array(bytes[..<count])
            #expect(throws: ByteFailure.truncated(atByte: count)) {
                try Varint.read(prefix.span, at: &offset)
            }
            #expect(offset == 0)
        }
    }

    @Test(arguments: [
        [UInt8](repeating: 0xFF, count: 10), [UInt8](repeating: 0x80, count: 9) + [2],
        [UInt8](repeating: 0x80, count: 200),
    ])
    func tooLongIsRefused(_ bytes: [UInt8]) {
        var offset = 0
        #expect(throws: ByteFailure.varintTooLong(atByte: 9)) {
            try Varint.read(bytes.span, at: &offset)
        }
    }

    @Test func zigzagKeepsSmallValuesShort() throws {
        for value in [0, -1, 1, -64, 63, Int64.min, .max] {
            var bytes: [UInt8] = []
            Varint.appendZigzag(value, to: &bytes)
            #expect(bytes.count == ((-64...63).contains(value) ? 1 : 10))
            var offset = 0
            #expect(try Varint.readZigzag(bytes.span, at: &offset) == value)
        }
    }

    @Test func theReaderReadsWhatWasWrittenAndEveryPrefixThrows() throws {
        var bytes: [UInt8] = []
        ByteWriter.appendString("perch é", to: &bytes)
        Varint.appendZigzag(-5, to: &bytes)
        LittleEndian.append(9 as UInt32, to: &bytes)
        ByteWriter.appendBlob([1, 2, 3] as [UInt8], to: &bytes)
        func read(_ reader: inout ByteReader) throws -> String {
            let text = try reader.readString()
            let number = try reader.readZigzag()
            let word = try reader.read(UInt32.self)
            return "\(text) \(number) \(word) \(Array(try reader.readBlob()))"
        }
        var reader = ByteReader([0, 0] + bytes)
        _ = try reader.readBytes(count: 2)
        #expect(try read(&reader) == "perch é -5 9 [1, 2, 3]")
        #expect(reader.isAtEnd && reader.remainingByteCount == 0)
        for count in 0..<bytes.count {
            // A slice of a larger array must not read past its own end.
            var reader = ByteReader(bytes[..<count])
            #expect(throws: ByteFailure.self) { try read(&reader) }
        }
    }

    @Test func aClaimedCountIsHeldAgainstTheBytesThatAreThere() throws {
        var bytes: [UInt8] = []
        Varint.append(1 << 60, to: &bytes)
        bytes.append(contentsOf: [UInt8](repeating: 0, count: 16))
        var reader = ByteReader(bytes)
        #expect(throws: ByteFailure.countTooLarge(atByte: 0)) { try reader.readCount() }
        #expect(reader.position == 0)
        var fitting = ByteReader([2] + [UInt8](repeating: 0, count: 16))
        #expect(try fitting.readCount(elementByteCountMin: 8) == 2)
        var short = ByteReader([2] + [UInt8](repeating: 0, count: 15))
        #expect(throws: ByteFailure.countTooLarge(atByte: 0)) {
            try short.readCount(elementByteCountMin: 8)
        }
    }
}
