import PerchLogQL
import PerchModel
import PerchTestSupport
import Testing

/// Values in the first and last rows of blocks, fields that change their type or end from one block
/// to the next, and times that both sides of an edge have (LOG-22).
@Suite("Blocks have no seams")
struct BlockEdgeTests {
    /// More than a block of a segment, and two of memory.
    private static let rowCount = 16_700
    /// Around the edges of blocks of 8,192 and of 16,384 rows, and at both ends.
    private static let edges = [
        0, 1, 8_191, 8_192, 8_193, 16_383, 16_384, 16_385, rowCount - 1,
    ]

    /// Rows come seven at a time.
    private static func time(_ row: Int) -> Int64 { Int64(row / 7) }

    /// A number in the first block of memory, a text of digits in the second, then other words.
    private static func flavor(_ row: Int) -> FieldValue? {
        switch row / 8_192 {
        case 0: row % 3 == 0 ? .int(Int64(row % 5)) : nil
        case 1: row % 3 == 0 ? .string("\(row % 5)") : nil
        default: row % 3 == 0 ? .string("other") : .string("")
        }
    }

    private static func open() async throws -> LogQLStore {
        let store = try await LogQLStore(isReal: true, fileByteCountMax: 64 << 20)
        for part in stride(from: 0, to: rowCount, by: 4_000) {
            var builder = EventBatchBuilder(dataset: .logs)
            let sender = builder.intern(
                Resource([.init(key: "service.name", value: .string("api"))]))
            for row in part..<min(part + 4_000, rowCount) {
                builder.beginRow(timeNanos: time(row), resource: sender)
                builder.set(.record, RecordField.body, .string("row \(row) é"))
                builder.set(.attribute, "n", int: Int64(row))
                if let flavor = flavor(row) { builder.set(.attribute, "flavor", flavor) }
                if edges.contains(row) { builder.set(.attribute, "edge", .string("e\(row)")) }
            }
            try await store.append(builder.batch)
        }
        return store
    }

    private static func search(_ store: LogQLStore, _ text: String) async throws -> ResultTable {
        let answer = try await SearchRunner(source: store.source, dataset: .logs).answer(
            try SearchQuery.parse(text, now: 0), times: .min ..< .max, limit: 100)
        guard case .table(let table) = answer.content else { return ResultTable(columns: []) }
        return table
    }

    private static func number(_ store: LogQLStore, _ text: String, _ time: Int64) async throws
        -> Double
    {
        let engine = LogQLEngine(source: store.source, options: LogQLOptions())
        let result = try await engine.evaluate(LogQLParser.parse(text), .instant(time)).result
        guard case .vector(let table, _) = result, table.count == 1 else { return -1 }
        return table.value(0, 0)
    }

    @Test(arguments: [false, true])
    func searches(_ isSegment: Bool) async throws {
        let store = try await Self.open()
        if isSegment { try await store.flush() }
        func expect(_ text: String, _ holds: (Int) -> Bool) async throws {
            let count = (0..<Self.rowCount).count(where: holds)
            let table = try await Self.search(store, text + " | count")
            #expect(table.rows == [[.int(Int64(count))]], "\(text)")
        }
        try await expect("edge:*") { Self.edges.contains($0) }
        for row in [8_191, 16_384, Self.rowCount - 1] {
            try await expect("edge:e\(row) n>=\(row)") { $0 == row }
        }
        try await expect("n:[16383 TO 16384]") { (16_383...16_384).contains($0) }
        try await expect("\"row 16384 é\"") { $0 == 16_384 }
        try await expect("flavor:3") { Self.flavor($0)?.text == "3" }
        try await expect("flavor>2") { Self.flavor($0).flatMap { Int($0.text) } ?? 0 > 2 }
        try await expect("-flavor:*") { Self.flavor($0) == nil }
        try await expect("flavor:\"\"") { Self.flavor($0)?.text == "" }
        try await expect("flavor:other n<16390") { Self.flavor($0)?.text == "other" && $0 < 16_390 }
        let stats = try await Self.search(
            store, "| stats min(n), max(n), sum(flavor), distinct(edge)")
        let sum = (0..<Self.rowCount).reduce(0) {
            $0 + (Self.flavor($1).flatMap { Int($0.text) } ?? 0)
        }
        #expect(
            stats.rows == [
                [
                    .double(0), .double(Double(Self.rowCount - 1)), .double(Double(sum)),
                    .int(Int64(Self.edges.count)),
                ]
            ])
        let top = try await Self.search(store, "| top 3 flavor")
        let counts = Dictionary(
            grouping: (0..<Self.rowCount).compactMap { Self.flavor($0)?.text }
        ) { $0 }.mapValues { Int64($0.count) }
        for row in top.rows {
            guard case .text(let text) = row[0] else { continue }
            #expect(row[1] == .int(counts[text] ?? 0), "\(text)")
        }
        await store.close()
    }

    @Test(arguments: [false, true])
    func queries(_ isSegment: Bool) async throws {
        let store = try await Self.open()
        if isSegment { try await store.flush() }
        let rows = 0..<Self.rowCount
        for edge in [8_192, 16_383, Self.rowCount - 1] {
            // The window ends with the row at the edge, and begins right behind a time.
            let time = Self.time(edge)
            let window = rows.filter { Self.time($0) > time - 3 && Self.time($0) <= time }
            let all = #"{service_name="api"}"#
            #expect(
                try await Self.number(store, "sum(count_over_time(\(all)[3ns]))", time)
                    == Double(window.count))
            #expect(
                try await Self.number(store, "max_over_time(\(all) | unwrap n [3ns]) by ()", time)
                    == window.last.map(Double.init))
            #expect(
                try await Self.number(
                    store,
                    "sum(count_over_time(\(all) |= `row \(edge) ` | regexp `(?P<r>[0-9]+)` "
                        + "| r=`\(edge)` [3ns]))", time) == 1)
            for isNewestFirst in [false, true] {
                var options = LogQLOptions()
                (options.limit, options.isNewestFirst) = (20, isNewestFirst)
                let low = max(0, time - 2)
                let result = try await LogQLEngine(source: store.source, options: options)
                    .evaluate(LogQLParser.parse(all), .range(low, time + 3, step: 1)).result
                guard case .streams(let streams) = result else { continue }
                let found = streams.flatMap(\.entries).map(\.nanos)
                let wanted = rows.map { Self.time($0) }.filter { $0 >= low && $0 < time + 3 }
                #expect(
                    found == Array((isNewestFirst ? wanted.reversed() : wanted).prefix(20)),
                    "\(edge)")
            }
        }
        await store.close()
    }
}
