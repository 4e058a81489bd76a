import ArgumentParser
import Foundation

/// Sends samples of files to a running server.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring samples of files to a running server, of any age within its retention.",
        discussion: """
            Reads OpenMetrics, Prometheus' text format, and what 'promtool tsdb dump' writes, also \
            compressed by gzip. A file may be sent again: what the server has already is the same. \
            The key for a server that wants one stands in the variable PERCH_TOKEN.
            """)

    @Argument(help: "The files; - is standard input.")
    var files: [String]

    @Option(help: "The server's address; default PERCH_SERVER or http://127.0.0.1:9700.")
    var server: String?

    @Option(
        help: "\(ImportFormat.allCases.map(\.rawValue).joined(separator: ", ")); default auto.")
    var format = ImportFormat.auto

    @Option(
        help: """
            What a NaN of 'promtool tsdb dump' is: \
            \(DumpNaN.allCases.map(\.rawValue).joined(separator: ", ")); default auto.
            """)
    var nan = DumpNaN.auto

    @Option(help: "The line to begin with, where an import stopped before.")
    var fromLine = 1

    func validate() throws {
        guard fromLine == 1 || files.count == 1 else {
            throw ValidationError("--from-line goes with one file")
        }
        guard fromLine >= 1 else { throw ValidationError("--from-line: lines begin with 1") }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let client = ImportClient(
            address: server ?? environment["PERCH_SERVER"] ?? "http://127.0.0.1:9700",
            token: environment["PERCH_TOKEN"])
        var report = ImportReport()
        for file in files {
            var run = try ImportRun(
                file: file, format: format, nan: nan, fromLine: fromLine, client: client)
            do {
                try await run.run(&report)
            } catch {
                try report.printSummary()
                throw QueryClient.Failure(
                    description:
                        "\(file): \(error)\nGo on with --from-line \(run.doneLineCount + 1).")
            }
        }
        try report.printSummary()
        if report.refusedCount > 0 { throw ExitCode(2) }
    }
}

extension ImportFormat: ExpressibleByArgument {}
extension DumpNaN: ExpressibleByArgument {}
