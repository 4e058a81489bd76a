import PerchFiles
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchEvents

/// Names of fields that are different bytes and one text: composed and decomposed letters, signs
/// that Unicode holds to be the same, bytes that are no UTF-8.
@Suite("Names that are one text")
struct EventSpellingTests {
    private static let pairs: [([UInt8], [UInt8])] = [
        (Array("caf\u{e9}".utf8), Array("cafe\u{301}".utf8)),
        (Array("K".utf8), Array("\u{212a}".utf8)), ([0xff], [0xfe]),
    ]

    @Test("are one field, of which a row's first value counts, and are kept and read back")
    func oneField() async throws {
        let files = InMemoryFiles()
        let store = try await TestEvents.open(files)
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        for row in 0..<40 {
            builder.beginRow(timeNanos: Int64(row), resource: resource)
            for (first, second) in Self.pairs {
                // Now the one, now the other, and both.
                if row % 3 != 0 { builder.set(.attribute, first.span, int: 1, kind: .int) }
                if row % 3 != 1 { builder.set(.attribute, second.span, int: 2, kind: .int) }
            }
        }
        let batch = builder.batch
        #expect(batch.columns.count == Self.pairs.count)
        for column in batch.columns {
            #expect(column.rows == Array(0..<40))
            #expect(column.ints == (0..<40).map { $0 % 3 == 0 ? 2 : 1 })
        }
        try await store.append(batch)
        try await store.append(batch)
        let query = EventQuery(dataset: .logs, times: 0..<100)
        func check(_ store: EventStore) async throws {
            let found = try await store.all(query)
            #expect(found.reduce(0) { $0 + $1.rowCount } == 80)
            for column in found.flatMap(\.columns) {
                #expect(column.ints.count == column.rows.count)
            }
            #expect(found.flatMap(\.columns).reduce(0) { $0 + $1.rows.count } == 240)
        }
        try await check(store)
        // As a kill leaves it: from the log.
        let killed = try await TestEvents.open(files.crashed())
        try await check(killed)
        await killed.close()
        // As a segment.
        try await store.flush()
        try await check(store)
        #expect(store.stats.segmentCount == 1)
        await store.close()
    }
}
