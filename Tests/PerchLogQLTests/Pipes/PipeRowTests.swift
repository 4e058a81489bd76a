import PerchLogQL
import PerchModel
import PerchTestSupport
import Testing

@Suite("Rows behind pipes")
struct PipeRowTests {
    private func answer(
        _ text: String, _ store: InMemoryEventStore, limit: Int = 10_000
    ) async throws -> SearchAnswer {
        try await SearchRunner(source: store, dataset: .logs).answer(
            try SearchQuery.parse(text, now: 0), times: .min ..< .max, limit: limit)
    }

    private func table(_ answer: SearchAnswer) -> ResultTable {
        if case .table(let table) = answer.content { return table }
        Issue.record("no table")
        return ResultTable(columns: [])
    }

    /// Rows with `n` from 0 on, one a second, `odd` for every other row.
    private func store(_ count: Int) async throws -> InMemoryEventStore {
        let store = InMemoryEventStore()
        let rows = (0..<count).map { number in
            var row = PlainRow(time: Int64(number) * 1_000_000_000)
            row.attributes["n"] = .int(Int64(number))
            if number % 2 == 1 { row.attributes["odd"] = .string("yes") }
            row.attributes["mixed"] = number % 3 == 0 ? .int(Int64(number)) : .string("\(number)x")
            row.record["body"] = .string("user \(number) took \(number)ms")
            return row
        }
        try await store.append(SearchGenerator.batch(rows))
        return store
    }

    @Test("Fields come in the order asked for, missing ones empty, the newest row first")
    func fields() async throws {
        let table = table(try await answer("| limit 2 | fields odd, n, time", try await store(4)))
        #expect(table.columns == ["odd", "n", "time"])
        #expect(
            table.rows == [
                [.text("yes"), .int(3), .time(3_000_000_000)],
                [.none, .int(2), .time(2_000_000_000)],
            ])
        #expect(table.rows[0][2].shown == "1970-01-01T00:00:03Z")
    }

    @Test("Sorting looks at all rows, numbers before text, missing ones last")
    func sorting() async throws {
        let store = try await store(6)
        let up = table(try await answer("| sort mixed | fields mixed", store))
        #expect(up.rows.map { $0[0].shown } == ["0", "3", "1x", "2x", "4x", "5x"])
        let down = table(try await answer("| sort odd desc, n | fields n", store))
        #expect(down.rows.map { $0[0].shown } == ["1", "3", "5", "0", "2", "4"])
        let first = table(try await answer("| sort n | limit 2 | sort n desc | fields n", store))
        #expect(first.rows.map { $0[0].shown } == ["1", "0"])
        let newest = table(try await answer("| limit 3 | sort n | limit 1 | fields n", store))
        #expect(newest.rows.map { $0[0].shown } == ["3"])
    }

    @Test("Sorting many rows keeps few, and finds the same")
    func manyRows() async throws {
        let store = try await store(30_000)
        let answer = try await answer("| sort n | fields n", store, limit: 3)
        #expect(table(answer).rows.map { $0[0].shown } == ["0", "1", "2"])
        #expect(answer.isCut)
    }

    @Test("An answer says whether there is more")
    func cut() async throws {
        let store = try await store(5)
        #expect(try await answer("", store, limit: 4).isCut)
        #expect(try await !answer("", store, limit: 5).isCut)
        #expect(try await !answer("| limit 2", store, limit: 4).isCut)
        #expect(try await answer("| count by n", store, limit: 4).isCut)
    }

    @Test("Rows without fields asked for come as they were stored")
    func events() async throws {
        let answer = try await answer("n>=3 | sort n", try await store(5))
        guard case .events(let batch) = answer.content else {
            Issue.record("a table")
            return
        }
        #expect(batch.times == [3_000_000_000, 4_000_000_000])
        #expect(batch.columns.count == 5)
    }

    @Test("A count with nothing to count is 0, a figure is missing")
    func nothing() async throws {
        let store = InMemoryEventStore()
        #expect(table(try await answer("| count", store)).rows == [[.int(0)]])
        #expect(
            table(try await answer("| stats avg(x), distinct(x)", store)).rows == [
                [.none, .int(0)]
            ])
        #expect(table(try await answer("| count by x", store)).rows.isEmpty)
        #expect(table(try await answer("| timechart", store)).rows.isEmpty)
        #expect(table(try await answer("| patterns", store)).rows.isEmpty)
    }

    @Test("Levels, services and kinds are grouped by what they mean")
    func meanings() async throws {
        let store = InMemoryEventStore()
        try await store.append(
            SearchGenerator.batch([
                PlainRow(time: 1, record: ["severity_number": .int(17)]),
                PlainRow(time: 2, record: ["severity_text": .string("ERR"), "kind": .int(2)]),
                PlainRow(time: 3, resource: ["service.name": .string("")]),
                PlainRow(time: 4, resource: ["service.name": .string("api")]),
            ]))
        let levels = table(try await answer("| count by level", store))
        #expect(levels.rows == [[.text("error"), .int(2)], [.text("unknown"), .int(2)]])
        let services = table(try await answer("| count by service", store))
        #expect(services.rows == [[.text("unknown_service"), .int(3)], [.text("api"), .int(1)]])
        let kinds = table(try await answer("| top kind", store))
        #expect(kinds.rows == [[.text("server"), .int(1)]])
    }

    @Test("Too much is refused with what to ask instead")
    func tooMuch() async throws {
        let store = try await store(5)
        await #expect(throws: QueryFailure.self) {
            try await self.answer("time:1970..1990 | timechart span=1s", store)
        }
    }

    @Test("A question over time without a range takes what there is")
    func extent() async throws {
        let table = table(try await answer("| timechart", try await store(100)))
        #expect(table.rows.count == 50)
        #expect(table.rows.allSatisfy { $0[1] == .int(2) })
    }
}

@Suite("Forms of messages")
struct PatternTests {
    private func patterns(_ messages: [String]) async throws -> [[String]] {
        let store = InMemoryEventStore()
        try await store.append(
            SearchGenerator.batch(
                messages.enumerated().map { number, text in
                    PlainRow(time: Int64(number), record: ["body": .string(text)])
                }))
        let answer = try await SearchRunner(source: store, dataset: .logs).answer(
            try SearchQuery.parse("| patterns", now: 0), times: .min ..< .max, limit: 100)
        guard case .table(let table) = answer.content else { return [] }
        return table.rows.map { [$0[0].shown, $0[1].shown] }
    }

    @Test(
        "What varies is left out",
        arguments: [
            ("user 42 logged in", "user <n> logged in"),
            ("took 250ms, 1.5GB", "took <n>ms, <n>GB"),
            ("from 10.0.0.7:8080", "from <ip>:<n>"),
            ("order ord_8f3a29 done", "order <id> done"),
            ("id 3f2b8c1e-7a1d-4b9e-9c57-0d6f3f1b2a4c", "id <id>"),
            ("trace=deadbeef01234567", "trace=<id>"),
            ("2026-11-21T10:00:00.123Z start", "<id>:<n>:<n>Z start"),
            ("plain words only", "plain words only"),
            ("straße 5 Ä", "straße <n> Ä"), ("", ""), ("é", "é"),
        ])
    func forms(_ message: String, _ form: String) async throws {
        #expect(try await patterns([message]) == [["1", form]])
    }

    @Test("Messages that differ in few words are one form")
    func joined() async throws {
        let rows = try await patterns([
            "user ann logged in from 1.2.3.4", "user bob logged in from 1.2.3.5",
            "user cid logged in from 1.2.3.6", "user ann logged out", "disk full",
        ])
        #expect(rows.first == ["3", "user <*> logged in from <ip>"])
        #expect(rows.count == 3)
    }

    @Test("More forms than the limit are counted together")
    func bounded() async throws {
        func word(_ number: Int) -> String {
            String(number).map {
                String(Character(UnicodeScalar(UInt8(97 + ($0.wholeNumberValue ?? 0)))))
            }
            .joined()
        }
        let rows = try await patterns((0..<10_500).map { word($0) })
        #expect(rows.count == 100)
    }
}
