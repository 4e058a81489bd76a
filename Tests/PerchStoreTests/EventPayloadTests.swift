import PerchBytes
import PerchEvents
import PerchModel
import PerchTestSupport
import Testing

@Suite("Event payloads of the write log")
struct EventPayloadTests {
    private static func bytes(_ batch: EventBatch) -> [UInt8] {
        var bytes: [UInt8] = []
        EventPayload.encode(batch, into: &bytes)
        return bytes
    }

    @Test("an event batch reads back as it was", arguments: 0..<40)
    func eventsRoundTrip(seed: Int) throws {
        var random = RandomEvents(seed: UInt64(seed))
        let batch = random.batch(.spans, rowCountMax: 1 + seed * 3, times: -1000..<1000)
        let decoded = try EventPayload.decode(Self.bytes(batch)[...])
        #expect(EventOracle.rows(decoded) == EventOracle.rows(batch))
        #expect(Self.bytes(decoded) == Self.bytes(batch))
    }

    /// docs/format/event-batch.md, "Example".
    @Test("the example of the format page is what is written")
    func eventExample() throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(
            Resource([Resource.Attribute(key: "service.name", value: .string("shop"))]))
        builder.beginRow(timeNanos: 1000, resource: sender)
        builder.set(.record, "body", .string("hi"))
        builder.beginRow(timeNanos: 1002, resource: sender)
        builder.set(.record, "body", .string("you"))
        builder.set(.attribute, "n", .int(-1))
        let example = """
            0201 02 d00f04 01 01 0c736572766963652e6e616d65 04 0473686f70 01 00
            02 04626f6479 00 04 00 00 0203 6869796f75 016e 01 01 01 01 01 01 01
            """
        #expect(Hex.encode(Self.bytes(builder.batch)) == example.filter { $0.isHexDigit })
    }

    @Test("a damaged event payload throws or reads, and never traps", arguments: 0..<4)
    func damagedEvents(seed: Int) {
        var random = RandomEvents(seed: UInt64(seed))
        let batch = random.batch(.logs, rowCountMax: 12, times: 0..<1000)
        let outcome = DecoderVerifier.verify(Self.bytes(batch)) { bytes in
            // What is accepted must be safe to evaluate.
            let batch = try EventPayload.decode(bytes[...])
            _ = batch.matchingRows(of: .anyText("a"), times: 0..<1000)
            _ = batch.selecting(rows: batch.times.indices.map { UInt32($0) })
        }
        #expect(outcome.refused > 0)
    }

    /// LOG-22: what repeats stands once in the log, and reads back as what it was.
    @Test("texts that repeat stand once", arguments: [3, 300])
    func dictionaries(entryCount: Int) throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([]))
        var plainByteCount = 0
        for row in 0..<2 * entryCount {
            let text = "a value with the number \(row / 2 * 7 % entryCount)"
            plainByteCount += text.utf8.count
            builder.beginRow(timeNanos: Int64(row), resource: sender)
            builder.set(.attribute, "text", .string(text))
        }
        let bytes = Self.bytes(builder.batch)
        #expect(bytes.count < plainByteCount * 3 / 4 + 2 * entryCount)
        let decoded = try EventPayload.decode(bytes[...])
        let column = try #require(decoded.columns.first)
        #expect(column.entryCount == entryCount && column.isDictionary)
        for row in stride(from: 0, to: 2 * entryCount, by: max(1, entryCount / 50)) {
            let expected = "a value with the number \(row / 2 * 7 % entryCount)"
            #expect(column.value(at: row) == .string(expected))
        }
        #expect(Self.bytes(decoded) == bytes)
    }

    /// docs/format/event-batch.md, "Versions".
    @Test("a payload of format 1 has no layout that came with format 2")
    func layoutsOfFormatOne() throws {
        func payload(_ texts: [String]) -> [UInt8] {
            var builder = EventBatchBuilder(dataset: .logs)
            let sender = builder.intern(Resource([]))
            for text in texts {
                builder.beginRow(timeNanos: 0, resource: sender)
                builder.set(.attribute, "t", .string(text))
            }
            var bytes = Self.bytes(builder.batch)
            bytes[0] = 1
            return bytes
        }
        #expect(try EventPayload.decode(payload(["a", "b"])[...]).rowCount == 2)
        let rows = 600
        let dictionary = payload((0..<rows).map { "a value with the number \($0 % 3)" })
        // Format, dataset, rows (2), times, senders (2), their layout (2), columns, name (2), space,
        // kind, row layout; then the layout of values.
        let layout = 1 + 1 + 2 + rows + 2 + 2 + 1 + 2 + 1 + 1 + 1
        #expect(dictionary[layout] == 2)
        #expect(throws: EventPayloadFailure.damaged(.invalid(atByte: layout + 1))) {
            _ = try EventPayload.decode(dictionary[...])
        }
    }

    @Test("codes have as many bytes as the last entry needs", arguments: [256, 257, 65_537])
    func widthOfCodes(entryCount: Int) throws {
        var column = Column(name: "n", space: .attribute, kind: .string)
        column.rows = (0..<UInt32(entryCount)).map { $0 }
        column.codes = (0..<UInt32(entryCount)).reversed()
        column.ends = (0..<UInt32(entryCount)).map { 3 * $0 + 3 }
        column.bytes = [UInt8](repeating: 0x61, count: 3 * entryCount)
        for entry in 0..<entryCount {
            column.bytes[3 * entry] = UInt8(truncatingIfNeeded: entry)
            column.bytes[3 * entry + 1] = UInt8(truncatingIfNeeded: entry >> 8)
            column.bytes[3 * entry + 2] = UInt8(truncatingIfNeeded: entry >> 16)
        }
        var batch = EventBatch(dataset: .logs)
        batch.times = [Int64](repeating: 0, count: entryCount)
        batch.resources = [Resource([])]
        batch.resourceIndexes = [UInt32](repeating: 0, count: entryCount)
        batch.columns = [column]
        let decoded = try EventPayload.decode(Self.bytes(batch)[...])
        let isSame = decoded.columns == [column]
        #expect(isSame)
    }

    @Test("a code beyond the entries is refused")
    func wrongCode() throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([]))
        for text in ["a", "b", "a"] {
            builder.beginRow(timeNanos: 0, resource: sender)
            builder.set(.record, "body", .string(text))
        }
        var bytes = Self.bytes(builder.batch)
        #expect(bytes.suffix(3) == [0, 1, 0])
        bytes[bytes.count - 1] = 2
        #expect(throws: EventPayloadFailure.self) { try EventPayload.decode(bytes[...]) }
    }

    /// Format 1 had no dictionaries; the rest is the same.
    @Test("payloads of the first format are read")
    func firstFormat() throws {
        var random = RandomEvents(seed: 3)
        let batch = random.batch(.logs, rowCountMax: 1, times: 0..<1000)
        var bytes = Self.bytes(batch)
        bytes[0] = 1
        #expect(EventOracle.rows(try EventPayload.decode(bytes[...])) == EventOracle.rows(batch))
        bytes[0] = 3
        #expect(throws: EventPayloadFailure.unknownFormat(3)) {
            try EventPayload.decode(bytes[...])
        }
    }

    /// A column of integers of a small payload must not unfold to any size; one of texts takes no
    /// more than a number a row.
    @Test("a payload that would unfold to too much is refused")
    func unfoldingIsBounded() throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([]))
        for _ in 0..<200_000 {
            builder.beginRow(timeNanos: 0, resource: sender)
            builder.set(.record, "body", .int(7))
        }
        var bytes = Self.bytes(builder.batch)
        #expect(bytes.count < 210_000)
        // The same with a hundred columns more is 160 MB.
        let column = Array(bytes.suffix(10))
        #expect(column[1..<5].elementsEqual("body".utf8))
        bytes.removeLast(column.count + 1)
        bytes.append(100)
        for index in 0..<100 {
            var copy = column
            copy[1] = UInt8(index)
            bytes += copy
        }
        let failure = #expect(throws: EventPayloadFailure.self) {
            try EventPayload.decode(bytes[...])
        }
        guard case .tooLarge = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }
}
