import Foundation
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// Levels of lines that no field names (LOG-7): how the usual loggers write them.
@Suite struct PlainLevelTests {
    @Test(arguments: [
        // klog and glog
        ("I1121 02:00:00.123456       1 main.go:12] Starting", "I", 9),
        ("W1121 02:00:00.123456    4711 cache.cc:99] slow", "W", 13),
        ("E1121 02:00:00.123456       1 main.go:12] failed", "E", 17),
        ("F1121 02:00:00.123456       1 main.go:12] gone", "F", 21),
        // Syslog, with and without what stands behind the priority
        ("<11>Nov 21 02:00:00 host app: cannot open", "err", 17),
        ("<165>1 2026-11-21T02:00:00Z host app - ID47 - hello", "notice", 10),
        // log4j, logback, Python, ZooKeeper, Spark, HDFS, OpenStack
        ("2026-11-21 02:00:00,123 ERROR [main] com.example.Shop - lost", "ERROR", 17),
        ("02:00:00.123 [http-nio-8080-exec-1] DEBUG c.e.Shop - asked", "DEBUG", 5),
        ("2015-07-29 17:41:44,747 - INFO  [QuorumPeer[myid=1]] - joined", "INFO", 9),
        ("17/06/09 20:10:40 WARN executor.Executor: slow", "WARN", 13),
        ("081109 203518 143 INFO dfs.DataNode$DataXceiver: Receiving", "INFO", 9),
        ("nova-api.log.1 2017-05-16 00:00:00.008 25746 INFO nova.osapi [req] ok", "INFO", 9),
        ("ERROR:root:something broke", "ERROR", 17),
        ("CRITICAL:shop.pay:no money", "CRITICAL", 18),
        ("INFO:     127.0.0.1:52364 - \"GET / HTTP/1.1\" 200 OK", "INFO", 9),
        ("[2026-11-21 02:00:00 +0000] [7] [INFO] Listening at: http://0.0.0.0", "INFO", 9),
        ("2026-11-21 02:00:00.123 | WARNING  | shop:pay:12 - slow", "WARNING", 13),
        // Go, Ruby, .NET, java.util.logging
        ("2026/11/21 02:00:00 ERROR cannot pay order=7", "ERROR", 17),
        ("E, [2026-11-21T02:00:00.123456 #7] ERROR -- : boom", "ERROR", 17),
        ("fail: Shop.Pay[12]", "fail", 17),
        ("dbug: Shop.Pay[12]", "dbug", 5),
        ("SEVERE: cannot pay", "SEVERE", 17),
        // nginx, Apache now and before, MySQL, PostgreSQL
        ("2026/11/21 02:00:00 [error] 31#31: *1 open() failed", "error", 17),
        ("2026/11/21 02:00:00 [emerg] 1#1: bind() failed", "emerg", 22),
        ("[Sat Nov 21 02:00:00.123 2026] [core:notice] [pid 7] AH00094: cmd", "notice", 10),
        ("[Sun Dec 04 04:47:44 2005] [error] mod_jk child in error state 6", "error", 17),
        ("2026-11-21T02:00:00.1Z 0 [Warning] [MY-010068] [Server] CA", "Warning", 13),
        ("2026-11-21 02:00:00.123 UTC [7] ERROR:  relation \"x\" does not exist", "ERROR", 17),
        ("2026-11-21 02:00:00.123 UTC [7] LOG:  checkpoint starting", "LOG", 9),
    ])
    func headsOfLoggers(_ line: String, _ word: String, _ severity: Int64) throws {
        let bytes = Array(line.utf8)
        let result = PlainLevel.find(bytes.span)
        let found = try #require(result, "\(line)")
        #expect(found.severity == severity)
        let name = found.syslog.map { PlainLevel.syslogNames[$0] } ?? Array(bytes[found.word])
        #expect(String(decoding: name, as: UTF8.self) == word)
    }

    @Test(arguments: [
        "", "x", "the ERROR page was shown", "Jun 14 15:16:01 combo sshd(pam)[19939]: failed",
        "user info was saved", "GET /error 200", "information desk", "10.0.0.1 - - [x] warn",
        "Error handling works", "<999>x", "<>x", "I1121 of them", "error", "a [b c",
        "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200",
    ])
    func wordsOfMessagesAreNone(_ line: String) {
        let bytes = Array(line.utf8)
        let found = PlainLevel.find(bytes.span)
        #expect(found == nil, "\(line)")
    }

    @Test func anyBytesAreRead() {
        var generator = SeededGenerator(seed: 4)
        let alphabet = Array("[]<>()|-:, \tEIW09errorINFO\u{e4}".utf8)
        for _ in 0..<20_000 {
            let line = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            guard let found = PlainLevel.find(line.span) else { continue }
            #expect((1...24).contains(found.severity))
            #expect(found.word.upperBound <= line.count)
        }
    }

    /// By every door, the line as it came and its level beside it.
    @Test func linesKeepTheirBytes() throws {
        let line = "2026-11-21 02:00:00,123 ERROR [main] x - lost \u{1b}[0m"
        let json = try JSONLines.decode(
            Array(line.utf8), options: JSONLinesOptions(), receivedNanos: 1
        ).batch
        let text = line.split(separator: "\u{1b}").joined(separator: "\\u001b")
        let push = #"{"streams":[{"stream":{"app":"a"},"values":[["1","\#(text)"]]}]}"#
        let loki = try LokiPush.decodeJSON(Array(push.utf8), receivedNanos: 1)
        for batch in [json, loki] {
            #expect(
                batch.value(of: FieldReference("body", space: .record), row: 0) == .string(line))
            #expect(
                batch.value(of: FieldReference("severity_number", space: .record), row: 0)
                    == .int(17))
            #expect(
                batch.value(of: FieldReference("severity_text", space: .record), row: 0)
                    == .string("ERROR"))
        }
    }
}

/// Level names and numbers of fields (LOG-7).
@Suite struct LevelTextTests {
    @Test(arguments: [
        ("TRACE", 1), ("Verbose", 3), ("DEBUG", 5), ("http", 7), ("info", 9), ("Information", 9),
        ("notice", 10), ("WARN", 13), ("warning", 13), ("Error", 17), ("err", 17), ("severe", 17),
        ("CRITICAL", 18), ("dpanic", 18), ("alert", 19), ("panic", 21), ("Fatal", 21),
        ("emerg", 22), ("silly", 1), ("finest", 1), ("I", 9), ("e", 17),
        // Go's slog between its names
        ("INFO+2", 11), ("DEBUG-4", 1), ("WARN+1", 14), ("ERROR+20", 24), ("DEBUG-90", 1),
    ])
    func names(_ name: String, _ severity: Int64) {
        #expect(LevelText.severity(named: name) == severity)
    }

    @Test(arguments: ["", "INFO+", "INFO+x", "x+1", "INFO+1000", "level", "+2", "-"])
    func others(_ name: String) {
        #expect(LevelText.severity(named: name) == nil)
    }

    @Test(arguments: [
        (#"{"@t":"2026-11-21T02:00:00Z","@l":"Warning","@m":"slow"}"#, 13, "slow"),
        (
            #"{"Timestamp":"2026-11-21T02:00:00Z","Level":"Error","RenderedMessage":"lost"}"#, 17,
            "lost"
        ),
        (
            #"{"PRIORITY":"3","MESSAGE":"gone","__REALTIME_TIMESTAMP":"1795226400000000"}"#, 17,
            "gone"
        ),
        (#"{"@level":"info","@message":"up","@timestamp":"2026-11-21T02:00:00Z"}"#, 9, "up"),
        (#"{"time":"2026-11-21T02:00:00Z","level":"INFO+2","msg":"go"}"#, 11, "go"),
        (#"{"level":30,"time":1795226400000,"msg":"pino"}"#, 9, "pino"),
        (#"{"severity":"EMERGENCY","timestamp":"2026-11-21T02:00:00Z","message":"g"}"#, 22, "g"),
    ])
    func loggers(_ line: String, _ severity: Int64, _ message: String) throws {
        let batch = try JSONLines.decode(
            Array(line.utf8), options: JSONLinesOptions(), receivedNanos: 1
        ).batch
        #expect(batch.times == [1_795_226_400_000_000_000])
        #expect(batch.value(of: FieldReference("body", space: .record), row: 0) == .string(message))
        #expect(
            batch.value(of: FieldReference("severity_number", space: .record), row: 0)
                == .int(severity))
    }
}

/// Real system logs: the level of each line is the word at the place where its program writes it.
@Suite(.enabled(if: TestData.isAvailable)) struct PlainLevelCorpusTests {
    @Test(arguments: [
        ("HDFS", 3), ("Spark", 2), ("Zookeeper", 3), ("OpenStack", 4), ("Apache", 5),
        ("Linux", -1), ("OpenSSH", -1),
    ])
    func levelsOfCorpora(_ name: String, _ place: Int) throws {
        let lines = try TestData.bytes("loghub/\(name)_2k.log").split(separator: 0x0a)
        #expect(lines.count >= 1_999)
        var wrong: [String] = []
        for line in lines {
            let bytes = Array(line)
            let text = String(decoding: bytes, as: UTF8.self)
            let words = text.split(separator: " ")
            let wanted =
                place < 0 || words.count <= place
                ? "" : words[place].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
            let found = PlainLevel.find(bytes.span)
            let word = found.map { String(decoding: bytes[$0.word], as: UTF8.self) } ?? ""
            if word != wanted { wrong.append("\(word): \(text)") }
        }
        #expect(wrong.isEmpty, "\(wrong.count), \(wrong.prefix(3))")
    }
}
