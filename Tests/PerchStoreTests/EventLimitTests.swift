import PerchEvents
import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

/// Requirement: hostile and unusual events cost what the limits say, and are told back unchanged.
@Suite("Limits of events")
struct EventLimitTests {
    private static let query = EventQuery(dataset: .logs, times: 0..<1_000_000)

    private static func rows(_ batches: [EventBatch]) -> Set<EventOracle.Row> {
        Set(batches.flatMap { EventOracle.rows($0) })
    }

    @Test("1,000 names in a block, 100 KB messages, binary in texts and odd names come back")
    func unusual() async throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([]))
        for row in 0..<5 {
            builder.beginRow(timeNanos: Int64(row), resource: sender)
            builder.set(.record, "body", .string(String(repeating: "\(row)ä", count: 35_000)))
            for field in 0..<200 { builder.set(.attribute, "f\(row * 200 + field)", int: 1) }
            let binary: [UInt8] = [0, 1, 2, 255, 254, UInt8(row), 0x80]
            builder.set(.attribute, Array("binary".utf8).span, bytes: binary.span, kind: .string)
            for name in ["", "\0", "a\nb", "\"quoted\"", "名前", " ", "__proto__"] {
                builder.set(.attribute, name, .string("v\(row)"))
            }
        }
        let batch = builder.batch
        let expected = Self.rows([batch])
        let files = InMemoryFiles()
        let store = try await TestEvents.open(files) { $0.headByteCountMax = 1 }
        try await store.append(batch)
        #expect(try await Self.rows(store.all(Self.query)) == expected)
        try await store.flush()
        #expect(try await Self.rows(store.all(Self.query)) == expected)
        try await store.append(batch)
        try await store.compact()
        #expect(try await Self.rows(store.all(Self.query)) == expected)
        #expect(store.stats.overflowValueCount == 0)
        let found = try await store.all(Self.query).flatMap(\.columns)
            .filter { $0.name == "binary" }.reduce(0) { $0 + $1.rows.count }
        #expect(found == 10)
        await store.close()
    }

    @Test("100,000 made-up names become fields up to the limit, and one field of JSON")
    func madeUpNames() async throws {
        let files = InMemoryFiles()
        let store = try await TestEvents.open(files) { $0.fileByteCountMax = 8 << 20 }
        for round in 0..<4 {
            var builder = EventBatchBuilder(dataset: .logs)
            let sender = builder.intern(Resource([]))
            for row in 0..<250 {
                builder.beginRow(timeNanos: Int64(round * 1000 + row), resource: sender)
                builder.set(.record, "body", .string("hello"))
                builder.set(.attribute, "usual", int: Int64(row))
                for field in 0..<100 {
                    builder.set(.attribute, "x\(round)-\(row)-\(field)", int: Int64(field))
                }
            }
            try await store.append(builder.batch)
        }
        #expect(store.stats.overflowValueCount == 4 * (25_000 - 1_021))
        try await store.flush()
        let batches = try await store.all(Self.query)
        #expect(batches.reduce(0) { $0 + $1.rowCount } == 1000)
        let usual = batches.flatMap(\.columns).filter { $0.name == "usual" }
        #expect(usual.reduce(0) { $0 + $1.rows.count } == 1000)
        // Every value is somewhere.
        var count = 0
        for column in batches.flatMap(\.columns) where column.space == .attribute {
            count += column.rows.count
        }
        for batch in batches {
            for row in 0..<batch.rowCount {
                guard
                    case .json(let text) = batch.value(
                        of: FieldReference(RecordField.overflow), row: row)
                else { continue }
                count += text.split(separator: ",").count
            }
        }
        #expect(count == 1000 + 100_000)
        var query = Self.query
        query.predicate = .contains(FieldReference(RecordField.overflow), "\"x3-249-99\":99")
        #expect(try await store.all(query).reduce(0) { $0 + $1.rowCount } == 1)
        await store.close()
    }

    @Test("a name that is too long is cut, and its value kept beside it")
    func longName() async throws {
        let store = try await TestEvents.open()
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([]))
        builder.beginRow(timeNanos: 1, resource: sender)
        builder.set(.attribute, String(repeating: "n", count: 5000), .string("say \"hi\""))
        builder.set(.attribute, "short", int: 1)
        try await store.append(builder.batch)
        let batch = try #require(try await store.all(Self.query).first)
        let value = batch.value(of: FieldReference("overflow", space: .record), row: 0)
        let name = String(repeating: "n", count: 1024) + "…"
        #expect(value == .json("{\"\(name)\":\"say \\\"hi\\\"\"}"))
        #expect(batch.value(of: FieldReference("short"), row: 0) == .int(1))
        await store.close()
    }
}
