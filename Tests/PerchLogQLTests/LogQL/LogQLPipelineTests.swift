import PerchLogQL
import PerchModel
import PerchTestSupport
import Testing

/// What stages make of one line (LOG-22).
@Suite("Stages of a pipeline do what Loki's documentation says")
struct LogQLPipelineTests {
    /// The line and the labels that a pipeline leaves of one record; nil when it leaves it out.
    private static func run(
        _ line: String, _ stages: String
    ) async throws -> (line: String, labels: [String: String])? {
        let store = InMemoryEventStore()
        var builder = EventBatchBuilder(dataset: .logs)
        let sender = builder.intern(
            Resource([.init(key: "service.name", value: .string("api"))]))
        builder.beginRow(timeNanos: 1_600_000_000_123_456_789, resource: sender)
        builder.set(.record, RecordField.body, .string(line))
        builder.set(.attribute, "user.id", .int(42))
        try await store.append(builder.batch)
        let engine = LogQLEngine(source: store, options: LogQLOptions())
        let query = try LogQLParser.parse("{service_name=\"api\"} \(stages)")
        let result = try await engine.evaluate(query, .range(0, .max, step: .max)).result
        guard case .streams(let streams) = result, let stream = streams.first,
            let entry = stream.entries.first
        else { return nil }
        var labels = Dictionary(uniqueKeysWithValues: stream.labels.map { ($0.name, $0.value) })
        for name in ["service_name", "detected_level", "user_id"] { labels[name] = nil }
        return (String(decoding: entry.line, as: UTF8.self), labels)
    }

    private static let parsed: [(String, String, [String: String])] = [
        (
            #"{"a":{"b":"c"},"n":1.5,"t":true,"l":[1],"z":null}"#, "| json",
            ["a_b": "c", "n": "1.5", "t": "true"]
        ),
        (
            #"{"a":{"b c":"d"},"l":[{"x":"y"}]}"#,
            #"| json p="a[\"b c\"]", q="l[0].x", r="l", s="no""#,
            ["p": "d", "q": "y", "r": #"[{"x":"y"}]"#]
        ),
        (
            #"{"service_name":"web","user_id":43,"e":"\u00e9\n"}"#, "| json",
            ["service_name_extracted": "web", "e": "é\n"]
        ),
        (#"a=1 b="two words" c= d"#, "| logfmt", ["a": "1", "b": "two words"]),
        (#"a=1 c= d"#, "| logfmt --keep-empty", ["a": "1"]),
        (#"a=1 b.c=2"#, "| logfmt x=\"b.c\"", ["x": "2"]),
        (
            "10.0.0.1 - GET /a 200", "| pattern `<ip> - <method> <_> <status>`",
            ["ip": "10.0.0.1", "method": "GET", "status": "200"]
        ),
        (
            "GET /a (1.5s)", #"| regexp `(?P<method>\w+) (?P<path>\S+) \((?P<took>.*)\)`"#,
            ["method": "GET", "path": "/a", "took": "1.5s"]
        ),
        ("x", "| label_format a=`{{.user_id}}!`, b=service_name", ["a": "42!", "b": "api"]),
        ("a=1 b=2 c=3", "| logfmt | drop b, c=\"4\"", ["a": "1", "c": "3"]),
        ("a=1 b=2 c=3", "| logfmt | keep a, c=~\"[0-9]\"", ["a": "1", "c": "3"]),
        ("no json", "| json | drop __error_details__", ["__error__": "JSONParserErr"]),
    ]

    @Test(arguments: parsed)
    func labels(line: String, stages: String, labels: [String: String]) async throws {
        let found = try #require(try await Self.run(line, stages))
        #expect(found.labels == labels)
        #expect(found.line == line)
    }

    private static let formatted: [(String, String)] = [
        ("| line_format `{{.user_id}} {{__line__ | ToUpper}}`", "42 HELLO WORLD"),
        ("| line_format `{{if eq .service_name \"api\"}}yes{{else}}no{{end}}`", "yes"),
        ("| line_format `{{ .nothing | default \"-\" }}{{- /* a note */ -}} x`", "-x"),
        (
            "| line_format `{{ printf \"%05.1f|%-4s|%q\" 3.14159 \"ab\" \"c\" }}`",
            "003.1|ab  |\"c\""
        ),
        ("| line_format `{{ add 1 2 3 }} {{ div 7 2 }} {{ mulf 1.5 2 }} {{ mod 7 4 }}`", "6 3 3 3"),
        ("| line_format `{{ regexReplaceAll \"(o)\" __line__ \"<$1>\" }}`", "hell<o> w<o>rld"),
        (
            "| line_format `{{ __timestamp__ | date \"2006-01-02T15:04:05.000Z07:00\" }}`",
            "2020-09-13T12:26:40.123Z"
        ),
        ("| line_format `{{ \"2023-01-02\" | toDate \"2006-01-02\" | unixEpoch }}`", "1672617600"),
        (
            "| line_format `{{ Replace __line__ \"o\" \"0\" 1 }} {{ trunc 4 __line__ }}`",
            "hell0 world hell"
        ),
        (
            "| line_format `{{ range $i, $v := fromJson \"[1,2]\" }}{{$i}}={{$v}};{{end}}`",
            "0=1;1=2;"
        ),
        ("| line_format `{{ b64enc __line__ }} {{ b64dec \"aGk=\" }}`", "aGVsbG8gd29ybGQ= hi"),
        ("| line_format `{{ alignLeft 7 __line__ }}|{{ alignRight 3 __line__ }}|`", "hello w|rld|"),
        (
            "| line_format `{{ duration \"1m30s\" }} {{ bytes \"2KiB\" }} {{ urlencode \"a b&\" }}`",
            "90 2048 a+b%26"
        ),
        ("| line_format `{{ with $x := .user_id }}{{ $x }}{{ end }}{{ len __line__ }}`", "4211"),
        ("| line_format \"\u{1b}[31m{{__line__}}\u{1b}[0m\" | decolorize", "hello world"),
        (#"| line_format `{"_entry":"packed","k":"v"}` | unpack"#, "packed"),
    ]

    @Test(arguments: formatted)
    func lines(stages: String, line: String) async throws {
        #expect(try await Self.run("hello world", stages)?.line == line)
    }

    private static let filtered: [(String, Bool)] = [
        ("|= `world`", true), ("|= `World`", false), ("|~ `w.r`", true), ("!~ `w.r`", false),
        ("|> `hello <_>`", true), ("|> `<_> there`", false), ("!> `<_>o`", true),
        ("|= `x` or `hello`", true), ("!= `x` or `hello`", false),
        ("| user_id > 41", true), ("| user_id > 42 or service_name=`api`", true),
        ("| line_format `from 10.1.2.3:80` |= ip(\"10.0.0.0/8\")", true),
        ("| line_format `from 10.1.2.3` |= ip(\"10.1.2.4-10.1.2.9\")", false),
        ("| line_format `a [::1]` |= ip(\"::1\")", true),
        ("| label_format ip=`10.1.2.3` | ip = ip(\"10.1.2.0/24\")", true),
        ("| label_format t=`1m30s` | t > 1m", true), ("| label_format t=`soon` | t > 1m", false),
        ("| label_format s=`5KB` | s <= 5KiB, s > 4999", false),
        ("| json | __error__=``", false), ("| detected_level=`unknown`", true),
        ("| service_name=~`a.*`", true), ("| service_name=~`a`", false),
    ]

    @Test(arguments: filtered)
    func filters(stages: String, isKept: Bool) async throws {
        #expect((try await Self.run("hello world", stages) != nil) == isKept)
    }

    /// Lines as nobody should write them.
    @Test(arguments: 0..<6)
    func hostileLinesDoNotTrap(seed: Int) async throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let stages = [
            "json", "logfmt", "unpack", "json a=\"b[0].c\"", "logfmt --strict", "decolorize",
        ]
        let seeds = [
            #"{"a":{"b":["c",{"d":"\u00e9\ud83d\ude00"}]},"e":-1.5e3}"#, #"a="b\"c" d= =e f"#,
            String(repeating: "[", count: 500), String(repeating: #"{"a":"#, count: 500),
        ]
        for stage in stages {
            for text in seeds {
                var bytes = Array(text.utf8)
                for _ in 0..<3 {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
                        UInt8.random(in: 0...127, using: &generator)
                }
                let cut = Int.random(in: 0...bytes.count, using: &generator)
                _ = try await Self.run(
                    String(decoding: bytes[..<cut], as: UTF8.self), "| \(stage)")
            }
        }
    }
}

/// Whole queries whose result is short.
@Suite("LogQL's operators and functions")
struct LogQLOperatorTests {
    private static func result(_ query: String) async throws -> [String: Double] {
        let store = InMemoryEventStore()
        var builder = EventBatchBuilder(dataset: .logs)
        for (place, name) in ["a", "b", "b", "c", "c", "c"].enumerated() {
            let sender = builder.intern(
                Resource([.init(key: "service.name", value: .string(name))]))
            builder.beginRow(timeNanos: Int64(place) * 1_000_000_000, resource: sender)
            builder.set(.attribute, "n", .int(Int64(place)))
        }
        try await store.append(builder.batch)
        let engine = LogQLEngine(source: store, options: LogQLOptions())
        let answer = try await engine.evaluate(LogQLParser.parse(query), .instant(10_000_000_000))
        guard case .vector(let table, _) = answer.result else { return [:] }
        var values: [String: Double] = [:]
        for series in 0..<table.count where !SeriesTable.isAbsent(table.value(series, 0)) {
            let labels = table.labels(series).pairs.filter { $0.name != "detected_level" }
            values[labels.map { "\($0.name)=\($0.value)" }.joined(separator: ",")] =
                table.value(series, 0)
        }
        return values
    }

    private static let counts = "sum by (service_name) (count_over_time({}[20s]))"

    private static let results: [(String, [String: Double])] = [
        ("\(counts) > 1", ["service_name=b": 2, "service_name=c": 3]),
        ("\(counts) > bool 2", ["service_name=a": 0, "service_name=b": 0, "service_name=c": 1]),
        ("topk(1, \(counts))", ["service_name=c": 3]),
        ("bottomk(2, \(counts))", ["service_name=a": 1, "service_name=b": 2]),
        ("count(\(counts))", ["": 3]), ("avg(\(counts))", ["": 2]),
        ("stdvar(\(counts))", ["": 2.0 / 3]), ("min(\(counts))", ["": 1]),
        ("\(counts) and \(counts) > 2", ["service_name=c": 3]),
        ("\(counts) unless \(counts) > 1", ["service_name=a": 1]),
        ("\(counts) > 2 or \(counts) < 2", ["service_name=a": 1, "service_name=c": 3]),
        ("2 * \(counts) > 4", ["service_name=c": 6]),
        (
            "\(counts) / on () group_left sum(\(counts)) * 6",
            ["service_name=a": 1, "service_name=b": 2, "service_name=c": 3]
        ),
        ("sum(\(counts)) / sum(\(counts))", ["": 1]),
        (
            "label_replace(topk(1, \(counts)), `x`, `<$1>`, `service_name`, `(.*)`)",
            ["service_name=c,x=<c>": 3]
        ),
        ("sum_over_time({service_name=`c`} | unwrap n [20s])", ["service_name=c": 12]),
        ("sum by (n) (count_over_time({} | n > 3 [20s]))", ["n=4": 1, "n=5": 1]),
        ("max by (n) (count_over_time({} | n > 4 [20s]))", ["n=5": 1]),
        ("absent_over_time({service_name=`x`, z=~`y`}[20s])", ["service_name=x": 1]),
        ("absent_over_time({service_name=`a`}[20s])", [:]),
        ("rate_counter({service_name=`c`} | unwrap n [20s])", ["service_name=c": 0.125]),
        ("vector(3) + 1", ["": 4]), ("sort_desc(vector(1))", ["": 1]),
    ]

    @Test(arguments: results)
    func operators(query: String, values: [String: Double]) async throws {
        let found = try await Self.result(query)
        #expect(Set(found.keys) == Set(values.keys))
        for (name, value) in values { #expect(abs((found[name] ?? .nan) - value) < 1e-9) }
    }

    @Test(arguments: [
        "\(counts) + on () \(counts)",
        "label_replace(\(counts), `service_name`, `x`, `service_name`, `.*`)",
        "sum_over_time({} | unwrap service_name [20s])", "count_over_time({} |~ `(` [20s])",
        "count_over_time({} | json [20s])",
    ])
    func mistakesAreTold(query: String) async throws {
        await #expect(throws: LogQLFailure.self) { () async throws in
            _ = try await Self.result(query)
        }
    }

    /// Ranges with more points than an answer may have end at once.
    @Test func hugeRangesAreRefused() async throws {
        let engine = LogQLEngine(source: InMemoryEventStore(), options: LogQLOptions())
        let query = try LogQLParser.parse("rate({}[5m])")
        for times in [
            LogQLTimes.range(0, 1_000_000_000, step: 1), .range(0, .max, step: 1),
            .range(.min, .max, step: 60), .range(10, 0, step: 1), .range(0, 10, step: 0),
        ] {
            await #expect(throws: LogQLFailure.self) { () async throws in
                _ = try await engine.evaluate(query, times)
            }
        }
        let wide = try LogQLParser.parse("rate({}[200y] offset 90y)")
        for time in [Int64.min, 0, .max] { _ = try? await engine.evaluate(wide, .instant(time)) }
    }
}
