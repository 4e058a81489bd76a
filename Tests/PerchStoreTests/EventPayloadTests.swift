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
            0101 02 d00f04 01 01 0c736572766963652e6e616d65 04 0473686f70 01 00
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

    /// A constant column of a small payload must not unfold to any size.
    @Test("a payload that would unfold to too much is refused")
    func unfoldingIsBounded() throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([]))
        let text = String(repeating: "x", count: 2000)
        for _ in 0..<2000 {
            builder.beginRow(timeNanos: 0, resource: sender)
            builder.set(.record, "body", .string(text))
        }
        var bytes = Self.bytes(builder.batch)
        #expect(bytes.count < 7000)
        // The same with a hundred columns more is 400 MB.
        let column = Array(bytes.suffix(from: bytes.count - 2000 - 2 - 1 - 1 - 1 - 1 - 5))
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
