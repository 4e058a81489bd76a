import Foundation
import NIOHTTP1
import PerchServer
import Testing

/// Searches with questions over HTTP, what helps whoever types them, and the live tail.
@Suite struct SearchTests {
    private static func fill(_ address: String, _ count: Int = 40) async throws {
        let lines = (0..<count).map { number in
            let level = number % 4 == 0 ? "error" : "info"
            return #"{"level":"\#(level)","msg":"order \#(number) took \#(number)ms","#
                + #""http.route":"/r\#(number % 3)","took_ms":\#(number),"service":"api"}"#
        }
        let body = Array(lines.joined(separator: "\n").utf8)
        #expect(try await HTTP.post("\(address)/ingest/json", body).status == 200)
    }

    private static func ask(
        _ address: String, _ query: String, _ rest: String = "", path: String = "search"
    ) async throws -> HTTP.Answer {
        let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return try await HTTP.get("\(address)/api/v1/\(path)?query=\(text)\(rest)")
    }

    private static func object(_ answer: HTTP.Answer) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(answer.body))
        return value as? [String: Any] ?? [:]
    }

    @Test("LOG-22: questions are answered as JSON and CSV, mistakes with their place")
    func questions() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            try await Self.fill(address)
            let counted = try await Self.ask(
                address, "level:error | count by http.route | sort http.route")
            #expect(counted.status == 200)
            #expect(
                counted.text == """
                    {"status":"success","data":{"columns":["http.route","count"],"rows":\
                    [["/r0",4],["/r1",3],["/r2",3]]},"truncated":false}

                    """)
            let csv = try await Self.ask(
                address, "| stats max(took_ms), avg(took_ms) as mean by level | sort level",
                "&format=csv")
            #expect(csv.headers.first(name: "Content-Type") == "text/csv; charset=utf-8")
            #expect(
                csv.text
                    == "level,max(took_ms),mean\r\nerror,36,18\r\ninfo,39,20\r\n")
            let rows = try Self.object(try await Self.ask(address, "took_ms>35", "&limit=2"))
            #expect((rows["data"] as? [String: Any])?.count == 1)
            #expect(((rows["data"] as? [String: Any])?["events"] as? [Any])?.count == 2)
            #expect(rows["truncated"] as? Bool == true)
            let patterns = try await Self.ask(address, "| patterns", "&format=csv")
            #expect(patterns.text.contains("40,order <n> took <n>ms,order "))
            let mistake = try await Self.ask(address, "level:error | cuont")
            #expect(mistake.status == 400)
            let told = try Self.object(mistake)
            #expect(told["position"] as? Int == 14)
            #expect(told["hint"] as? String == "count")
            #expect((told["error"] as? String)?.contains("did you mean count?") == true)
            for (query, rest, status) in [
                ("a", "&limit=0", 400), ("a", "&limit=10001", 400), ("a", "&format=xml", 400),
                ("a", "&dataset=x", 400), ("a", "&start=soon", 400), ("a", "&start=2&end=1", 400),
                ("time:2000..2026 | timechart span=1s", "", 422),
            ] {
                let answer = try await Self.ask(address, query, rest)
                #expect(answer.status == status, "\(query)\(rest): \(answer.text)")
            }
            let posted = try await HTTP.post(
                "\(address)/api/v1/search", Array("query=%7C%20count".utf8),
                headers: [("Content-Type", "application/x-www-form-urlencoded")])
            #expect(posted.text.contains("[[40]]"))
        }
    }

    @Test("Fields and values are there for whoever types")
    func completion() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            try await Self.fill(address)
            let fields = try Self.object(
                try await Self.ask(address, "level:error", path: "search/fields"))
            let list = (fields["data"] as? [String: Any])?["fields"] as? [[String: Any]] ?? []
            let route = list.first { $0["name"] as? String == "http.route" }
            #expect(route?["count"] as? Int == 10)
            #expect(route?["space"] as? String == "attribute")
            #expect(list.contains { $0["name"] as? String == "service.name" })
            let values = try await Self.ask(
                address, "level:error", "&field=http.route&prefix=%2FR", path: "search/values")
            #expect(values.text.contains(#"[["/r0",4],["/r1",3],["/r2",3]]"#), "\(values.text)")
            let missing = try await Self.ask(address, "", path: "search/values")
            #expect(missing.status == 400)
        }
    }

    @Test("The live tail gives what matches once it is stored, and ends with the server")
    func tail() async throws {
        let data = try TemporaryFolder()
        let text = try await InProcess.run(dataPath: data.path) { (running, address) async throws in
            let reader = Task {
                try await HTTP.get("\(address)/api/v1/tail?query=level%3Aerror").text
            }
            let open = try await Self.wait {
                try await HTTP.get("\(address)/metrics").text.contains("perch_tail_readers 1")
            }
            #expect(open)
            try await Self.fill(address, 8)
            try await Task.sleep(for: .milliseconds(300))
            await running.stop()
            return try await reader.value
        }
        let events = text.components(separatedBy: "\n\n")
        #expect(events.first == ": open")
        #expect(events.filter { $0.hasPrefix("data: {\"time\"") }.count == 2)
        #expect(text.hasSuffix("event: end\ndata: {}\n\n"))
    }

    @Test("A reader of the tail that takes nothing holds up no sender, and is told what it lost")
    func slowReader() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (running, address) async throws in
            let slow = try await HeldConnection.open(
                port: running.address.port,
                send: "GET /api/v1/tail HTTP/1.1\r\nHost: localhost\r\n\r\n", reads: false)
            let isOpen = try await Self.wait {
                try await HTTP.get("\(address)/metrics").text.contains("perch_tail_readers 1")
            }
            #expect(isOpen)
            let words = String(repeating: "word ", count: 200)
            let lines = (0..<2_000).map { #"{"level":"info","msg":"\#($0) \#(words)"}"# }
            let body = Array(lines.joined(separator: "\n").utf8)
            // 40 MB: more than the sockets and the queue hold.
            for _ in 0..<20 {
                #expect(try await HTTP.post("\(address)/ingest/json", body).status == 200)
            }
            let metrics = try await HTTP.get("\(address)/metrics").text
            let lost = metrics.split(separator: "\n")
                .first { $0.hasPrefix("perch_tail_dropped_records_total") }
            #expect((lost?.split(separator: " ").last).flatMap { Double($0) } ?? 0 > 0)
            await slow.close()
            let isGone = try await Self.wait {
                try await HTTP.get("\(address)/metrics").text.contains("perch_tail_readers 0")
            }
            #expect(isGone)
        }
    }

    @Test("Readers of the tail are bounded")
    func readers() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (running, address) async throws in
            var open: [HeldConnection] = []
            for _ in 0..<32 {
                open.append(
                    try await HeldConnection.open(
                        port: running.address.port,
                        send: "GET /api/v1/tail HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            }
            let isFull = try await Self.wait {
                try await HTTP.get("\(address)/metrics").text.contains("perch_tail_readers 32")
            }
            #expect(isFull)
            #expect(try await HTTP.get("\(address)/api/v1/tail").status == 429)
            // A mistake takes no place.
            #expect(try await HTTP.get("\(address)/api/v1/tail?query=%28").status == 400)
            for connection in open { await connection.close() }
        }
    }

    private static func wait(_ condition: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<200 {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(25))
        }
        return false
    }
}
