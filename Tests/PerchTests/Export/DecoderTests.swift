import CoreMetrics
import Foundation
import Logging
import NIOHTTP1
import PerchCodec
import PerchModel
import Synchronization
import Testing
import Tracing

@testable import Perch

/// What is sent, read by OpenTelemetry's own decoder (TRC-6, MET-10).
struct DecoderTests: Exporting {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let python: URL = {
        if let path = ProcessInfo.processInfo.environment["PERCH_TEST_PYTHON"] {
            return URL(fileURLWithPath: path)
        }
        return root.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: ".venv-tests/bin/python3")
    }()

    static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: python.path()) }

    private static func decoded(_ lines: String) throws -> [[String: Any]] {
        let process = Process()
        process.executableURL = python
        process.arguments = [root.appending(path: "Scripts/otlp_decode.py").path()]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(lines.utf8))
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try answer.split(separator: 0x0a).compactMap {
            try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
        }
    }

    /// One request of each signal, as the collector got it.
    private func sent(
        _ encoding: ExportOptions.Encoding, _ compression: ExportOptions.Compression
    ) async throws -> [Collector.Received] {
        let collector = Collector()
        try await collector.serve { address in
            let service = service(address) {
                $0.export.encoding = encoding
                $0.export.compression = compression
            }
            try await run(service) { record(in: service) }
        }
        return collector.received.sorted { $0.path < $1.path }
    }

    private func record(in service: PerchService) {
        service.tracer.withSpan("pay \u{1f426}", context: .topLevel, ofKind: .client) { span in
            span.attributes["count"] = -7
            span.attributes["ratio"] = 0.5
            span.attributes["flag"] = true
            span.attributes["list"] = ["a", "b"]
            span.addLink(SpanLink(context: span.context, attributes: [:]))
            span.addEvent(SpanEvent(name: "retry"))
            span.setStatus(SpanStatus(code: .error, message: "declined \"twice\"\n"))
            let log = Logger(label: "api", factory: { service.logs.handler(label: $0) })
            log.error(
                "declined",
                metadata: ["order": ["id": "A7", "tags": ["x", "y"]], "n": .stringConvertible(3)])
            let timer = service.metrics.makeTimer(label: "pay", dimensions: [("kind", "web")])
            timer.recordNanoseconds(30_000_000)
        }
        service.metrics.makeCounter(label: "orders", dimensions: [("kind", "web")])
            .increment(by: 3)
        service.metrics.makeMeter(label: "depth", dimensions: []).set(2.5)
    }

    @Test(.enabled(if: isAvailable), .timeLimit(.minutes(5)))
    func everyFormIsWhatThePeerReads() async throws {
        var lines = ""
        for encoding in [ExportOptions.Encoding.protobuf, .json] {
            for compression in [ExportOptions.Compression.none, .gzip] {
                for part in try await sent(encoding, compression) {
                    let type = encoding == .json ? "application/json" : "application/x-protobuf"
                    #expect(part.headers.first(name: "content-type") == type)
                    let name = encoding == .json ? "json" : "protobuf"
                    lines += "\(part.path.split(separator: "/")[1]) \(name) \(compression) "
                    lines += Hex.encode(part.sent) + "\n"
                }
            }
        }
        let decoded = try Self.decoded(lines)
        try #require(decoded.count == 12)
        for start in stride(from: 0, to: 12, by: 3) {
            let all = try decoded[start..<start + 3].map { request in
                String(
                    decoding: try JSONSerialization.data(
                        withJSONObject: request, options: .sortedKeys), as: UTF8.self)
            }
            for text in [
                #""stringValue":"declined""#, #""stringValue":"x""#, #""intValue":"3""#,
                #""severityNumber":"SEVERITY_NUMBER_ERROR""#,
            ] {
                #expect(all[0].contains(text), "\(text) in \(all[0])")
            }
            for text in [
                #""name":"orders""#, #""isMonotonic":true"#, #""asDouble":3"#, #""asDouble":2.5"#,
                #""explicitBounds":[0.005,"#, #""bucketCounts":["0","0","0","1""#,
                #""exemplars":[{"#,
            ] {
                #expect(all[1].contains(text), "\(text) in \(all[1])")
            }
            for text in [
                #""name":"pay 🐦""#, #""intValue":"-7""#, #""doubleValue":0.5"#,
                #""boolValue":true"#, #""code":"STATUS_CODE_ERROR""#, #""links":[{"#,
                #""message":"declined \"twice\"\n""#, #""kind":"SPAN_KIND_CLIENT""#,
            ] {
                #expect(all[2].contains(text), "\(text) in \(all[2])")
            }
        }
    }

    @Test("What is compressed is what it was, whatever it is")
    func gzip() throws {
        var generator = SystemRandomNumberGenerator()
        var inputs: [[UInt8]] = [[], [7], Array(repeating: 65, count: 70_000)]
        inputs.append((0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
        let words = ["service.name", "http.route", "/orders/{id}", "é", "200"]
        let text = (0..<9000).map { _ in words.randomElement(using: &generator) ?? "" }
        inputs.append(Array(text.joined(separator: " ").utf8))
        for length in 1...40 {
            inputs.append((0..<length).map { _ in UInt8.random(in: 0...1, using: &generator) })
        }
        for input in inputs {
            let packed = Gzip.compressed(input)
            #expect(
                try Decompressor.decompress(packed, encoding: .gzip, limit: 1 << 20) == input)
        }
        #expect(Gzip.compressed(inputs[4]).count < inputs[4].count / 2)
    }
}
