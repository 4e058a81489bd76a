import Foundation
import PerchServer
import Testing

/// `perch logs` and `perch trace` against a running server.
@Suite struct LogCommandTests {
    private struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs the program; `arguments` come as they would be typed.
    private static func perch(_ arguments: [String], _ address: String) async throws -> Outcome {
        let process = Process()
        process.executableURL = PerchProcess.binary
        process.arguments = arguments + ["--server", address]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        func text(_ pipe: Pipe) -> String {
            String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
        }
        return Outcome(
            status: process.terminationStatus, output: text(output), errors: text(errors))
    }

    private static func send(_ address: String, _ lines: [String]) async throws {
        let body = Array(lines.joined(separator: "\n").utf8)
        #expect(try await HTTP.post("\(address)/ingest/json", body).status == 200)
    }

    @Test("A search prints lines, tables and JSON, the newest last, and no control characters")
    func logs() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            try await Self.send(
                address,
                [
                    #"{"level":"info","msg":"first","user":"ann","service":"api"}"#,
                    #"{"level":"error","msg":"second \u001b[31m","service":"api"}"#,
                ])
            let all = try await Self.perch(["logs"], address)
            let lines = all.output.split(separator: "\n")
            #expect(all.status == 0, "\(all.errors)")
            #expect(lines.count == 2)
            #expect(lines.first?.contains("INFO  api first") == true, "\(all.output)")
            #expect(lines.first?.hasSuffix("user=ann") == true)
            #expect(lines.last?.contains("ERROR api second \u{fffd}[31m") == true)
            let colored = try await Self.perch(["logs", "level:error", "--color"], address)
            #expect(colored.output.contains("\u{1b}[31mERROR\u{1b}[0m"))
            let json = try await Self.perch(["logs", "level:info", "--json"], address)
            let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
            #expect((object as? [String: Any])?["body"] as? String == "first")
            let table = try await Self.perch(["logs", "| count by level | sort level"], address)
            #expect(table.output == "level  count\nerror  1\ninfo   1\n")
            let limited = try await Self.perch(["logs", "--limit", "1"], address)
            #expect(limited.output.contains("second"))
            #expect(limited.errors.contains("there is more"))
            let mistake = try await Self.perch(["logs", "level>=wran"], address)
            #expect(mistake.status != 0)
            #expect(mistake.errors.contains("did you mean warn?"), "\(mistake.errors)")
        }
    }

    @Test("Following shows what there is and what comes, each once")
    func follow() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (running, address) async throws in
            try await Self.send(address, [#"{"level":"error","msg":"before"}"#])
            let command = Task { try await Self.perch(["logs", "level:error", "-f"], address) }
            for _ in 0..<200 {
                let metrics = try await HTTP.get("\(address)/metrics").text
                if metrics.contains("perch_tail_readers 1") { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            for number in 0..<5 {
                try await Self.send(
                    address,
                    [
                        #"{"level":"error","msg":"after \#(number)"}"#,
                        #"{"level":"info","msg":"other"}"#,
                    ])
            }
            try await Task.sleep(for: .milliseconds(1_500))
            await running.stop()
            let outcome = try await command.value
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.count == 6, "\(outcome.output)")
            #expect(lines.first?.contains("before") == true)
            #expect(lines.last?.contains("after 4") == true)
        }
    }

    @Test("A trace is a tree of its spans with errors and logs, whatever its parents say")
    func trace() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            let id = "0af7651916cd43dd8448eb211c80319c"
            let base: Int64 = Int64(Date().timeIntervalSince1970) * 1_000_000_000
            func span(
                _ own: String, _ parent: String, _ name: String, _ start: Int64,
                _ error: Bool = false
            ) -> String {
                #"{"traceId":"\#(id)","spanId":"\#(own)","parentSpanId":"\#(parent)","name":"\#(name)","#
                    + #""kind":2,"startTimeUnixNano":"\#(base + start)","#
                    + #""endTimeUnixNano":"\#(base + start + 20_000_000)","#
                    + #""status":{"code":\#(error ? 2 : 0),"message":"\#(error ? "out of stock" : "")"}}"#
            }
            let spans = [
                span("00000000000000a1", "", "GET /cart", 0),
                span("00000000000000a2", "00000000000000a1", "SELECT cart", 1_000_000, true),
                span("00000000000000a3", "00000000000000a1", "render", 5_000_000),
                // Two that are each other's parents, and one whose parent never came.
                span("00000000000000b1", "00000000000000b2", "loop one", 6_000_000),
                span("00000000000000b2", "00000000000000b1", "loop two", 7_000_000),
                span("00000000000000c1", "00000000000000ff", "orphan", 8_000_000),
            ].joined(separator: ",")
            let body =
                #"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"#
                + #""scopeSpans":[{"spans":[\#(spans)]}]}]}"#
            let sent = try await HTTP.post(
                "\(address)/v1/traces", Array(body.utf8),
                headers: [("Content-Type", "application/json")])
            #expect(sent.status == 200, "\(sent.text)")
            let log =
                #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"\#(base + 2_000_000)","#
                + #""severityNumber":17,"traceId":"\#(id)","spanId":"00000000000000a2","#
                + #""body":{"stringValue":"no item 7"}}]}]}]}"#
            let logged = try await HTTP.post(
                "\(address)/v1/logs", Array(log.utf8),
                headers: [("Content-Type", "application/json")])
            #expect(logged.status == 200, "\(logged.text)")
            let outcome = try await Self.perch(["trace", id.uppercased()], address)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n").map { String($0) }
            #expect(
                lines.first?.hasPrefix("6 spans, 1 services, 1 logs, 1 errors, 28 ms") == true,
                "\(outcome.output)")
            #expect(
                Array(lines.dropFirst()) == [
                    "shop GET /cart 20 ms +0 ns",
                    "├─ shop SELECT cart 20 ms +1 ms ERROR: out of stock",
                    "│    · ERROR no item 7 +2 ms",
                    "└─ shop render 20 ms +5 ms",
                    "shop orphan 20 ms +8 ms",
                    "shop loop one 20 ms +6 ms",
                    "└─ shop loop two 20 ms +7 ms",
                ], "\(outcome.output)")
            let none = try await Self.perch(["trace", "ff"], address)
            #expect(none.status != 0)
            #expect(none.errors.contains("no trace ff"))
        }
    }
}
