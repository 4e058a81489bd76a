import Foundation
import PerchLogQL
import PerchModel
import PerchTestSupport
import Testing

/// The page on the search language, and which of these rows each of its examples finds.
@Suite("The examples of docs/search.md")
struct SearchExamplesTests {
    /// 2026-11-21T10:30:00Z.
    private static let now: Int64 = 1_795_257_000_000_000_000
    private static let minute: Int64 = 60_000_000_000

    private static let rows: [PlainRow] = [
        PlainRow(
            time: now - 5 * minute,
            record: [
                "body": .string("request timed out"), "severity_number": .int(17),
                "trace_id": .id([0xab, 0xcd]),
            ],
            attributes: [
                "http.route": .string("/orders"), "status": .int(503), "user.id": .int(42),
                "path": .string("/api/v1/items"), "region": .string("eu"), "size": .int(20_000_000),
            ], resource: ["service.name": .string("api")]),
        PlainRow(
            time: now - 45 * minute,
            record: ["body": .string("Timeout while reading"), "severity_text": .string("WARN")],
            attributes: [
                "status": .string("200"), "path": .string("/health"), "region": .string("us"),
                "zip": .string("0042"), "size": .string("12MiB"), "took": .string("1.2s"),
            ], resource: ["service.name": .string("web")]),
        PlainRow(
            time: now - 26 * 60 * minute,
            record: ["body": .string("card 4711 declined"), "severity_number": .int(9)],
            attributes: [
                "status": .double(404), "path": .string("/api/42/cart/items"),
                "region": .string("asia"), "latency_ms": .int(2_000), "zip": .int(42),
                "user name": .string("ann"),
            ]),
        PlainRow(
            time: now - 24 * 60 * minute - 120 * minute,
            record: [
                "name": .string("GET /orders"), "duration": .int(300_000_000), "kind": .int(2),
                "status_code": .int(2),
            ], attributes: ["latency_ms": .int(200)], resource: ["service.name": .string("api")]),
    ]

    /// By the text of an example: the rows that it finds.
    private static let expected: [String: [Int]] = [
        "timeout": [1], "\"timed out\"": [0], "time*out": [0, 1],
        "service:api": [0, 3], "level:error": [0], "level>=warn": [0, 1],
        "http.route:/orders": [0], "status:200": [1], "zip:\"0042\"": [1],
        "region!=eu": [1, 2, 3], "region:(eu OR us)": [0, 1], "path:/api*": [0, 2],
        "path:*cart*": [2], "path:/api/*/items": [0, 2], "path~^/api/v[12]/": [0],
        "path!~health": [0, 2, 3], "~\"card [0-9]+ declined\"": [2], "user.id:*": [0],
        "-user.id:*": [1, 2, 3], "status>=500": [0], "status:[400 TO 499]": [2],
        "status:400..499": [2], "duration>250ms": [3], "latency_ms>1.5s": [2],
        "size>10MB": [0, 1], "\"user name\":ann": [2],
        "time:-1h": [0, 1], "time>=-30m": [0], "time:today": [0, 1], "time:2026-11-21": [0, 1],
        "time:[2026-11-20 TO 2026-11-21]": [0, 1, 2, 3], "time<2026-11-21T10:05:00Z": [1, 2, 3],
    ]

    /// What the letters of the last rows of the table stand for.
    private static let letters: [String: [Int]] = [
        "a b": [], "a AND b": [], "a OR b": [0, 1], "-a": [1, 2, 3], "!a": [1, 2, 3],
        "NOT a": [1, 2, 3], "(a OR b) c": [1],
    ]

    @Test("LOG-22: each example finds what the page says")
    func examples() throws {
        let batch = SearchGenerator.batch(Self.rows)
        let examples = try Self.examples()
        #expect(examples.count > 30)
        for example in examples {
            if let rows = Self.expected[example] {
                #expect(try Self.find(example, batch) == rows, "\(example)")
            } else if let rows = Self.letters[example] {
                let meanings: [Character: String] = [
                    "a": "region:eu", "b": "region:us", "c": "level:warn",
                ]
                let search = example.map { meanings[$0] ?? String($0) }.joined()
                #expect(try Self.find(search, batch) == rows, "\(search)")
            } else {
                Issue.record("an example without an expectation: \(example)")
            }
        }
    }

    /// How many rows the answer to each question has.
    private static let answers: [String: Int] = [
        "level:error | count": 1, "| count by service, level": 4, "| top 10 http.route": 1,
        "| stats count, avg(duration_ms), p95(duration_ms) by service": 3,
        "| stats quantile(0.99, latency_ms) as slow, distinct(user.id) as users": 1,
        "| timechart span=5m count by level": 4, "| fields time, service, message": 4,
        "| sort duration desc | limit 20": 4, "| patterns": 4, "| limit 1000 | patterns 5": 4,
    ]

    @Test("LOG-22: each question of the page is answered")
    func questions() async throws {
        let store = InMemoryEventStore()
        try await store.append(SearchGenerator.batch(Self.rows))
        let questions = try Self.examples("| you type | you get")
        #expect(questions.count == Self.answers.count)
        for question in questions {
            let answer = try await SearchRunner(source: store, dataset: .logs).answer(
                try SearchQuery.parse(question, now: Self.now), times: .min ..< .max, limit: 100)
            let count =
                switch answer.content {
                case .events(let batch): batch.rowCount
                case .table(let table): table.rows.count
                }
            #expect(count == Self.answers[question], "\(question)")
        }
    }

    @Test("The mistakes that the page shows are told so")
    func mistakes() throws {
        let lines = try Self.page().components(separatedBy: "\n").filter { $0.hasPrefix("    ") }
            .map { String($0.dropFirst(4)) }
        let pairs = zip(lines, lines.dropFirst()).filter { $0.1.hasPrefix("at character") }
        #expect(pairs.count >= 2)
        for (text, message) in pairs {
            let failure = #expect(throws: SearchFailure.self) {
                try Search.filter(text, now: Self.now)
            }
            #expect(failure?.description == message)
        }
    }

    private static func find(_ text: String, _ batch: EventBatch) throws -> [Int] {
        let search = try Search.filter(text, now: now)
        return batch.matchingRows(of: search.predicate, times: search.times).map { Int($0) }
    }

    private static func page() throws -> String {
        var root = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return try String(contentsOf: root.appending(path: "docs/search.md"), encoding: .utf8)
    }

    /// What stands in the first column of the tables "you type".
    private static func examples(
        _ heading: String = "| you type | it finds"
    ) throws -> [String] {
        var examples: [String] = []
        var isInTable = false
        for line in try page().components(separatedBy: "\n") {
            if line.hasPrefix(heading) { isInTable = true }
            if line.isEmpty { isInTable = false }
            guard isInTable, line.hasPrefix("| `"), let end = line.range(of: " | ") else {
                continue
            }
            let cell = line[line.index(line.startIndex, offsetBy: 2)..<end.lowerBound]
                .replacing("\\|", with: "|")
            examples += cell.split(separator: "`, `").map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: "`"))
            }
        }
        return examples
    }
}
