import PerchModel
import PerchTestSupport
import Testing

@testable import PerchLogQL

/// What Grafana asks to show which fields and forms lines have (LOG-22).
@Suite struct LogQLDiscoveryTests {
    private static func store() async throws -> InMemoryEventStore {
        let store = InMemoryEventStore()
        var builder = EventBatchBuilder(dataset: .logs)
        let api = builder.intern(
            Resource([.init(key: "service.name", value: .string("api"))]))
        let web = builder.intern(
            Resource([.init(key: "service.name", value: .string("web"))]))
        for number in 0..<40 {
            builder.beginRow(timeNanos: Int64(number) * 1_000_000_000, resource: api)
            let isError = number % 10 == 0
            builder.set(.record, RecordField.severityNumber, int: isError ? 17 : 9)
            builder.set(
                .record, RecordField.body,
                .string(
                    isError
                        ? "order \(number) failed: no money"
                        : "paid order \(number) of 10.0.0.\(number) in \(number)ms"))
            builder.set(.attribute, "user.id", .int(Int64(number % 4)))
            builder.set(.attribute, "took", .string("\(number)ms"))
            if number % 2 == 0 { builder.set(.attribute, "share", .double(0.5)) }
        }
        builder.beginRow(timeNanos: 100_000_000_000, resource: web)
        builder.set(.record, RecordField.body, .string(#"{"ok":true,"size":"12KB","n":1}"#))
        try await store.append(builder.batch)
        return store
    }

    private static func selector(_ text: String) throws -> LogSelector {
        guard case .lines(let selector) = try LogQLParser.parse(text) else {
            throw LogQLFailure.badRequest("no lines")
        }
        return selector
    }

    private static let times: Range<Int64> = 0..<1_000_000_000_000

    @Test func fieldsHaveKindsAndValues() async throws {
        let engine = LogQLEngine(source: try await Self.store(), options: LogQLOptions())
        let fields = try await engine.detectedFields(
            Self.selector(#"{service_name="api"}"#), times: Self.times, lineCountMax: 1_000)
        let shown = fields.map { "\($0.label) \($0.kind) \($0.values.count) \($0.isParsed)" }
        #expect(
            shown == [
                "severity_number int 2 false", "share float 1 false", "took duration 40 false",
                "user_id int 4 false",
            ])
        #expect(fields.last?.values == ["0", "1", "2", "3"])
        let newest = try await engine.detectedFields(
            Self.selector(#"{service_name="api"}"#), times: Self.times, lineCountMax: 2)
        #expect(newest.first { $0.label == "took" }?.values == ["38ms", "39ms"])
        let parsed = try await engine.detectedFields(
            Self.selector(#"{service_name="web"} | json"#), times: Self.times, lineCountMax: 10)
        #expect(
            parsed.map { "\($0.label) \($0.kind) \($0.isParsed)" } == [
                "n int true", "ok boolean true", "size bytes true",
            ])
    }

    @Test func labelsAreCounted() async throws {
        let engine = LogQLEngine(source: try await Self.store(), options: LogQLOptions())
        let labels = try await engine.detectedLabels([], times: Self.times)
        #expect(
            labels.map { "\($0.label) \($0.valueCount)" } == ["detected_level 3", "service_name 2"])
    }

    /// Each form finds, as a line filter, the lines that it counts.
    @Test func patternsFindTheirLines() async throws {
        let store = try await Self.store()
        let engine = LogQLEngine(source: store, options: LogQLOptions())
        let patterns = try await engine.patterns(
            Self.selector(#"{service_name="api"}"#), times: Self.times,
            stepNanos: 10_000_000_000)
        #expect(
            patterns.map(\.pattern) == [
                "paid order <_> of <_> in <_>ms", "order <_> failed: no money",
            ])
        #expect(patterns.map(\.level) == ["info", "error"])
        #expect(patterns.map(\.total) == [36, 4])
        #expect(
            patterns[0].counts.map { "\($0.seconds) \($0.count)" } == [
                "0 9", "10 9", "20 9", "30 9",
            ])
        for pattern in patterns {
            let query = try LogQLParser.parse(
                "sum(count_over_time({service_name=\"api\"} |> `\(pattern.pattern)` [1000s]))")
            let result = try await engine.evaluate(query, .instant(999_000_000_000)).result
            guard case .vector(let table, _) = result else { return }
            #expect(table.value(0, 0) == Double(pattern.total), "\(pattern.pattern)")
        }
    }

    @Test(arguments: [
        ("a <n> <ip>b<id><id>", "a <_> <_>b<_>"), ("plain", "plain"), ("<n><n><n>", "<_>"),
        ("<*>", "<_>"), ("", ""),
    ])
    func formsAreFilters(_ form: String, _ filter: String) {
        #expect(LinePatternCollector.filter(form) == filter)
    }

    @Test func patternsOfManyStepsAddUp() async throws {
        var random = RandomEvents(seed: 9)
        var collector = LinePatternCollector(stepNanos: 7)
        var total: Int64 = 0
        for _ in 0..<2_000 {
            let words = ["user", "42", "é", "10.0.0.1", "deadbeef01", "<n>", "<", "failed"]
            let line = (0..<random.int(0..<6)).map { _ in words[random.int(0..<words.count)] }
                .joined(separator: " ")
            let weight = Int64(random.int(1..<4))
            total += weight
            collector.add(
                Array(line.utf8), level: ["info", "warn"][random.int(0..<2)],
                nanos: Int64(random.int(0..<1_000)), weight: weight)
        }
        let patterns = collector.patterns()
        #expect(patterns.reduce(0) { $0 + $1.total } == total)
        #expect(zip(patterns, patterns.dropFirst()).allSatisfy { $0.total >= $1.total })
    }
}

/// Lines of batches that were just stored: what a tail gives is what a query of the store gives.
@Suite struct LogTailTests {
    @Test(arguments: 0..<30)
    func aTailFindsWhatAQueryFinds(seed: Int) async throws {
        let selectors = [
            #"{service_name=~".+"}"#, #"{region="eu"} |= "GET""#, #"{} | user="a" or took_ms>2"#,
            #"{service_name="api"} | detected_level="error" | line_format "{{.user}} x""#,
            #"{took_ms="5"} != "POST" | label_format l=region | l!="us""#,
        ]
        let world = try await LogQLOracleTests.World(seed: 5_000 + seed)
        for text in selectors {
            guard case .lines(let selector) = try LogQLParser.parse(text) else { continue }
            var tail = try LogTail(selector, now: 0)
            var found: [String] = []
            var query = EventQuery(dataset: .logs, times: .min ..< .max)
            query.order = .oldestFirst
            var cursor = world.store.source.read(query)
            while let batch = try await cursor.next() {
                for stream in try tail.streams(of: batch) { found += Self.shown(stream) }
            }
            var options = LogQLOptions()
            options.limit = .max
            let result = try await LogQLEngine(source: world.store.source, options: options)
                .evaluate(.lines(selector), .range(0, 1_000_000, step: 1)).result
            guard case .streams(let streams) = result else { continue }
            #expect(found.sorted() == streams.flatMap(Self.shown).sorted(), "\(text)")
        }
    }

    @Test func linesThatWereGivenComeOnce() async throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(Resource([]))
        for line in ["twice", "twice", "new"] {
            builder.beginRow(timeNanos: 1, resource: sender)
            builder.set(.record, RecordField.body, .string(line))
        }
        guard case .lines(let selector) = try LogQLParser.parse("{}") else { return }
        var tail = try LogTail(selector, now: 0)
        tail.expect([
            LogStream(labels: [], entries: [.init(nanos: 1, line: Array("twice".utf8))])
        ])
        let first = try tail.streams(of: builder.batch).flatMap(\.entries).map(\.line)
        #expect(first == [Array("twice".utf8), Array("new".utf8)])
        tail.expectNothing()
        #expect(try tail.streams(of: builder.batch).flatMap(\.entries).count == 3)
    }

    private static func shown(_ stream: LogStream) -> [String] {
        stream.entries.map { "\($0.nanos) \($0.line) \(stream.labels)" }
    }
}
