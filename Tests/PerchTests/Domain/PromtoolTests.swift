import Foundation
import PerchTesting
import Testing

@testable import Perch

/// What a scraper reads, judged by Prometheus' own tool (MET-1).
struct PromtoolTests {
    static let program = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: ".tools-tests/usr/bin/promtool").path()

    static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: program) }

    @Test(.enabled(if: isAvailable, "no promtool in .tools-tests"))
    func everyMetricOfTheTableIsClean() throws {
        let told = TelemetryRecorder()
        for event in DomainEvent.all {
            let values = event.metrics.compactMap(\.value).map { ($0, 1.5) }
            told.perch.domain.record(
                event, ["channel": "a \"b\"\n\\c"],
                values: Dictionary(values) { first, _ in first })
        }
        let metrics = told.perch.metrics.snapshot()
        #expect(metrics.count == Set(DomainEvent.all.flatMap { $0.metrics.map(\.name) }).count)
        let text = ExpositionText.prometheus.text(of: metrics)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(String(decoding: said, as: UTF8.self) == "")
    }
}
