import Foundation
import PerchModel
import PerchServer
import PerchTestSupport
import Testing

/// Loki's push door: recorded requests, real clients, corpora that come back byte by byte.
@Suite struct LokiPushTests {
    /// A row as its sender would know it.
    private struct Row: Hashable, Sendable {
        var labels: [String: String]
        var line: String
        var hasFields = false
    }

    private static func rows(_ running: Server.Running) async throws -> [Row] {
        let body = FieldReference(RecordField.body, space: .record)
        return try await running.events.all(EventQuery(dataset: .logs, times: .min ..< .max))
            .flatMap { batch in
                (0..<batch.rowCount).map { row in
                    Row(
                        labels: Dictionary(
                            uniqueKeysWithValues: batch.resource(ofRow: row).attributes.map {
                                ($0.key, $0.value.text)
                            }),
                        line: batch.value(of: body, row: row)?.text ?? "",
                        hasFields: batch.columns.contains {
                            $0.space == .attribute && $0.index(ofRow: row) != nil
                        })
                }
            }
    }

    private static func run<Value: Sendable>(
        _ body: @Sendable (Server.Running, String) async throws -> Value
    ) async throws -> Value {
        let data = try TemporaryFolder()
        return try await InProcess.run(
            dataPath: data.path, change: ReplayTests.keepForAges, body)
    }

    private static func send(_ request: TestData.Request, _ address: String) async throws
        -> HTTP.Answer
    {
        let own: Set<String> = ["host", "content-length", "connection", "transfer-encoding"]
        return try await HTTP.send(
            request.method, address + request.path,
            headers: request.headers.filter { !own.contains($0.name.lowercased()) },
            body: request.body)
    }

    /// Each request by hand gets its status, and its streams have the entries that are stated.
    @Test(.enabled(if: TestData.isAvailable))
    func handMadeRequests() async throws {
        let expected = try TestData.object("loki/hand-made/expected.json")
        let wanted = try #require(expected["requests"] as? [[String: Any]])
        let requests = try TestData.requests("loki/hand-made")
        #expect(wanted.count == 20 && requests.count == 20)
        for (wanted, request) in zip(wanted, requests) {
            let (answer, rows) = try await Self.run { (running, address) async throws in
                (try await Self.send(request, address), try await Self.rows(running))
            }
            let name = wanted["name"] as? String ?? ""
            #expect(
                answer.status == wanted["expected_http_status"] as? Int, "\(name): \(answer.text)")
            #expect(answer.body.isEmpty == (answer.status == 204), "\(name)")
            let streams = wanted["streams"] as? [[String: Any]] ?? []
            #expect(
                rows.count == streams.reduce(0) { $0 + ($1["entries"] as? Int ?? 0) }, "\(name)")
            for stream in streams {
                let labels = stream["labels"] as? [String: String] ?? [:]
                let found = rows.count { row in
                    labels.allSatisfy { row.labels[$0.key] == $0.value }
                        && row.labels["service.name"] == "payments"
                }
                #expect(found == stream["entries"] as? Int, "\(name): \(labels)")
            }
        }
    }

    @Test(
        .enabled(if: TestData.isAvailable),
        arguments: [
            ("loki-logger-handler-gzip", 40), ("loki-logger-handler-metadata", 40),
            ("loki-logger-handler-plain", 40), ("python-logging-loki-v0", 12),
            ("python-logging-loki-v1", 12), ("python-logging-loki-v1-basic-auth", 12),
        ])
    func recordedClients(_ folder: String, _ count: Int) async throws {
        let rows = try await Self.run { (running, address) async throws in
            for request in try TestData.requests("loki/\(folder)") {
                let answer = try await Self.send(request, address)
                #expect(answer.status == 204, "\(request.file): \(answer.text)")
            }
            return try await Self.rows(running)
        }
        #expect(rows.count == count)
        #expect(rows.allSatisfy { !$0.line.isEmpty && $0.labels["service.name"] != nil })
        let expected = try TestData.object("loki/\(folder)/expected.json")
        #expect(expected["entries"] as? Int == count)
        let streams = expected["streams"] as? [String: Int] ?? [:]
        #expect(!streams.isEmpty)
        for (text, entries) in streams {
            // The first form of the protocol has selectors.
            let json = text.replacing(/([a-z]+)=/) { "\"\($0.output.1)\":" }
            let labels =
                try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String] ?? [:]
            #expect(labels.count > 1)
            let found = rows.count { row in labels.allSatisfy { row.labels[$0.key] == $0.value } }
            #expect(found == entries, "\(text)")
        }
        let requests = expected["requests"] as? [[String: Any]] ?? []
        let wanted = requests.reduce(0) { $0 + ($1["entries_with_metadata"] as? Int ?? 0) }
        #expect(rows.count(where: \.hasFields) == wanted)
    }

    /// What the notes of the requests by hand say, by LogQL in the order of time.
    @Test(.enabled(if: TestData.isAvailable))
    func notesOfTheHandMadeRequests() async throws {
        let requests = try TestData.requests("loki/hand-made")
        func lines(_ number: Int) async throws -> [LokiLine] {
            try await Self.run { (_, address) async throws in
                #expect(try await Self.send(requests[number - 1], address).status == 204)
                return try await LokiLine.all(address, #"{app="payments"}"#)
            }
        }
        let metadata = try await lines(2)
        #expect(metadata.map(\.text) == ["with metadata", "without metadata", "empty metadata"])
        #expect(metadata[0].fields["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(metadata[0].fields["user_id"] == "42")
        #expect(metadata[1].fields.isEmpty && metadata[2].fields.isEmpty)
        #expect(try await lines(5).map(\.text) == ["e0", "e1", "e2", "e3", "e3", "e5", "e9"])
        let odd = try await lines(6).map(\.text)
        #expect(
            odd.prefix(4).map { Array($0.utf8) }
                == ["", " ", "a\nb\r\nc", "nul \0 here"]
                .map { Array($0.utf8) })
        #expect(odd.last == String(repeating: "x", count: 100_000))
        for number in [15, 16, 17] {
            let quoted = try await lines(number).filter { $0.stream["msg"] != nil }
            #expect(
                quoted.map { $0.stream["msg"] } == [#"a "quoted" \ label"#, #"a "quoted" \ label"#])
            #expect(quoted.count { !$0.fields.isEmpty } == 1)
        }
        #expect(
            try await lines(20).map(\.nanos) == [
                1_795_226_858_000_000_001, 1_795_226_858_500_000_000,
            ])
    }

    /// Three clients from the Python index, unmodified; the first one refuses any answer but 204.
    @Test(.enabled(if: Python.has("log_to_loki")))
    func pythonClientsAreTaken() async throws {
        let (output, rows) = try await Self.run { (running, address) async throws in
            let output = try await Python.run("loki_clients.py", [address])
            return (output, try await Self.rows(running))
        }
        let sent =
            try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: [String]] ?? [:]
        #expect(sent.count == 4)
        for (app, lines) in sent {
            let kept = rows.filter { $0.labels["app"] == app }.map(\.line)
            #expect(kept.count == lines.count, "\(app)")
            for line in lines {
                #expect(kept.contains { $0.contains(line) || $0.contains(Self.escaped(line)) })
            }
        }
    }

    /// As Python writes JSON, for a client whose lines are JSON.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map {
            $0.isASCII ? String($0) : "\\u" + String(format: "%04x", $0.value)
        }.joined()
    }

    /// The bytes of all lines, the oldest first.
    private static func bodies(_ running: Server.Running) async throws -> [[UInt8]] {
        let name = FieldReference(RecordField.body, space: .record)
        var query = EventQuery(dataset: .logs, times: .min ..< .max)
        query.order = .oldestFirst
        return try await running.events.all(query).flatMap { batch in
            (0..<batch.rowCount).map { Array((batch.value(of: name, row: $0)?.text ?? "").utf8) }
        }
    }

    /// Real logs come back byte by byte and in order, also where several have one time, from memory
    /// and from segments (LOG-22).
    @Test(
        .enabled(if: TestData.isAvailable),
        arguments: [
            "loghub/Apache_2k.log", "loghub/HDFS_2k.log", "loghub/Linux_2k.log",
            "loghub/OpenSSH_2k.log", "loghub/OpenStack_2k.log", "loghub/Spark_2k.log",
            "loghub/Zookeeper_2k.log", "logs/structlog.jsonl", "logs/winston.jsonl",
            "logs/bunyan.jsonl", "logs/loguru.jsonl", "logs/pino-handmade.jsonl",
            "logs/python-json-logger.jsonl", "logs/broken-handmade.log",
        ])
    func corporaComeBackUnchanged(_ file: String) async throws {
        let lines = try TestData.bytes(file).split(
            separator: 0x0a, omittingEmptySubsequences: false
        ).map { String(decoding: $0, as: UTF8.self) }
        let start = 1_795_226_858_000_000_000
        let values = lines.indices.map { ["\(start + $0 / 7)", lines[$0]] }
        let push: [String: Any] = ["streams": [["stream": ["app": "corpus"], "values": values]]]
        let body = [UInt8](try JSONSerialization.data(withJSONObject: push))
        try await Self.run { (running, address) async throws in
            let answer = try await HTTP.post(
                "\(address)/loki/api/v1/push", body,
                headers: [("Content-Type", "application/json")])
            #expect(answer.status == 204, "\(answer.text)")
            for place in ["in memory", "in a segment"] {
                let kept = try await LokiLine.all(
                    address, #"{app="corpus"} | drop detected_level"#)
                #expect(kept.count == lines.count, "\(place)")
                // Foundation's reader of JSON takes byte order marks off: they are looked at below.
                let first = Array(zip(kept, lines)).firstIndex { row, line in
                    !row.text.utf8.elementsEqual(line.trimmingPrefix("\u{feff}").utf8)
                }
                #expect(first == nil, "\(place), from line \(first ?? 0) on")
                let stored = try await Self.bodies(running)
                #expect(stored == lines.map { Array($0.utf8) }, "\(place)")
                #expect(try await HTTP.post("\(address)/-/flush", []).status < 300)
            }
        }
    }

    /// What is too old is told and the rest is kept, so that nobody sends the rest again.
    @Test func entriesRefusedForTheirTime() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (running, address) async throws in
            let now = Int64(Date().timeIntervalSince1970) * 1_000_000_000
            let body = #"""
                {"streams":[{"stream":{"a":"b"},
                "values":[["1000","old"],["\#(now)","new"],["\#(now + 3_600_000_000_000)","ahead"]]}]}
                """#
            let answer = try await HTTP.post(
                "\(address)/loki/api/v1/push", Array(body.utf8),
                headers: [("Content-Type", "application/json"), ("X-Scope-OrgID", "tenant-a")])
            #expect(answer.status == 400)
            #expect(
                answer.text.hasPrefix("2 entries refused, all others taken: "), "\(answer.text)")
            #expect(try await Self.rows(running).map(\.line) == ["new"])
            let metrics = try await HTTP.get("\(address)/metrics").text
            #expect(
                metrics.contains(#"perch_refused_records_total{source="loki",reason="too_old"} 1"#))
        }
    }
}
