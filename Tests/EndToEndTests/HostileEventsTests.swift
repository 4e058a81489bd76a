import Foundation
import NIOHTTP1
import Testing

/// Records that nobody would send on purpose, at the doors of the real binary, with its memory
/// looked at: the limits hold, and nothing is lost.
@Suite struct HostileEventsTests {
    /// The most memory that a process has had so far, in MB; 0 where the system does not tell.
    private static func peakMegabytes(_ server: PerchProcess) -> Int {
        let path = "/proc/\(server.processIdentifier)/status"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return 0 }
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let number = line?.split { !$0.isNumber }.first.flatMap { Int($0) }
        return (number ?? 0) / 1_024
    }

    private static func search(_ address: String, _ query: String) async throws -> String {
        let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try await HTTP.get("\(address)/api/v1/search?query=\(text)")
        #expect(answer.status == 200, "\(query): \(answer.text)")
        return answer.text
    }

    /// A sender that makes up a hundred thousand names of fields.
    @Test(.timeLimit(.minutes(2)))
    func madeUpNamesOfFieldsCostLittle() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        #expect(
            try await HTTP.post(
                "\(server.address)/ingest/json", Array(#"{"msg":"warm"}"#.utf8)
            ).status == 200)
        let before = Self.peakMegabytes(server)
        for request in 0..<25 {
            let lines = (0..<200).map { row in
                let fields = (0..<20).map { field in
                    #""made-\#(request)-\#(row)-\#(field)":"v\#(field)""#
                }
                return #"{"msg":"hello","usual":\#(row),\#(fields.joined(separator: ","))}"#
            }
            let answer = try await HTTP.post(
                "\(server.address)/ingest/json", Array(lines.joined(separator: "\n").utf8))
            #expect(answer.text.contains(#""accepted":200"#), "\(answer.text)")
        }
        for place in ["memory", "a segment"] {
            #expect(
                try await Self.search(server.address, "hello usual:* | count").contains("[[5000]]"))
            let found = try await Self.search(
                server.address, "overflow:*made-24-199-19* | count")
            #expect(found.contains("[[1]]"), "\(place): \(found)")
            let fields = try await HTTP.get("\(server.address)/api/v1/search/fields?limit=10000")
            #expect(fields.status == 200)
            #expect(fields.text.count < 2_000_000)
            #expect(try await HTTP.post("\(server.address)/-/flush", []).status == 200)
        }
        let metrics = try await HTTP.get("\(server.address)/metrics").text
        let line = metrics.split(separator: "\n")
            .first { $0.hasPrefix("perch_events_overflow_values_total ") }
        let overflow = line?.split(separator: " ").last.flatMap { Double($0) } ?? 0
        #expect(overflow > 50_000, "\(overflow)")
        let grown = Self.peakMegabytes(server) - before
        #expect(grown < 200, "\(grown) MB more than before")
    }

    /// A record of nearly a thousand fields, messages of 100 KB, and bytes that are no text.
    @Test(.timeLimit(.minutes(2)))
    func unusualRecordsComeBack() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let address = server.address
        let before = Self.peakMegabytes(server)
        let fields = (0..<990).map { #""f\#($0)":\#($0)"# }.joined(separator: ",")
        let wide = #"{"msg":"wide",\#(fields)}"#
        #expect(try await HTTP.post("\(address)/ingest/json", Array(wide.utf8)).status == 200)
        let long = (0..<20).map { number in
            #"{"msg":"long \#(number) \#(String(repeating: "\(number % 10)é", count: 33_000))"}"#
        }.joined(separator: "\n")
        #expect(try await HTTP.post("\(address)/ingest/json", Array(long.utf8)).status == 200)
        let controls = #"{"msg":"nul \u0000 bell \u0007 half \ud83d","k\u0000y":"v"}"#
        #expect(try await HTTP.post("\(address)/ingest/json", Array(controls.utf8)).status == 200)
        // A string of protobuf that is no UTF-8.
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            [number << 3 | 2, UInt8(bytes.count)] + bytes
        }
        let binary = Array("binary ".utf8) + [0, 1, 0xff, 0xfe, 0x80]
        let record = field(1, field(2, field(2, field(5, field(1, binary)))))
        let answer = try await HTTP.post(
            "\(address)/v1/logs", record, headers: [("Content-Type", "application/x-protobuf")])
        #expect(answer.status == 200, "\(answer.text)")
        for place in ["memory", "a segment"] {
            for (query, count) in [
                ("f0:0 f989:989 f500:500", 1), ("long", 20), (#""long 19""#, 1), ("bell", 1),
                ("binary", 1), ("half", 1),
            ] {
                let found = try await Self.search(address, query + " | count")
                #expect(found.contains("[[\(count)]]"), "\(query) in \(place): \(found)")
            }
            let bodies = try await HTTP.events(address, "logs").compactMap {
                $0["body"] as? String
            }
            #expect(bodies.count == 23)
            let lengths = bodies.filter { $0.hasPrefix("long ") }.map(\.utf8.count)
            #expect(lengths.allSatisfy { $0 > 99_000 })
            #expect(
                bodies.contains {
                    $0.unicodeScalars.elementsEqual(
                        "nul \0 bell \u{7} half \u{fffd}".unicodeScalars)
                })
            let repaired = "binary \0\u{1}\u{fffd}\u{fffd}\u{fffd}"
            #expect(bodies.contains { $0.unicodeScalars.elementsEqual(repaired.unicodeScalars) })
            #expect(try await HTTP.post("\(address)/-/flush", []).status == 200)
        }
        let grown = Self.peakMegabytes(server) - before
        #expect(grown < 250, "\(grown) MB more than before")
    }
}
