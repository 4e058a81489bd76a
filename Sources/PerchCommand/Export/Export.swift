import ArgumentParser
import Foundation
import PerchServer

/// Writes samples as OpenMetrics.
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write samples as OpenMetrics, to move elsewhere.",
        discussion: """
            Asks a running server, or with --data reads the folder of one that is stopped. The key \
            for a server that wants one stands in the variable PERCH_TOKEN.
            """)

    @Argument(help: "Which series, for example '{job=\"shop\"}'; more than one may be given.")
    var selectors: [String] = []

    @Option(help: "The server's address; default PERCH_SERVER or http://127.0.0.1:9700.")
    var server: String?

    @Option(help: "The data folder of a server that is stopped, to read without one.")
    var data: String?

    @Option(help: "Begin: seconds since 1970 or RFC 3339; default the oldest sample.")
    var start: String?

    @Option(help: "End; default the newest sample.")
    var end: String?

    @Option(help: "Where to write; default standard output.")
    var output: String?

    @Flag(help: "Write _ for characters of names that older readers do not take.")
    var underscores = false

    func validate() throws {
        guard server == nil || data == nil else {
            throw ValidationError("give --server or --data, not both")
        }
    }

    func run() async throws {
        let file = try ExportFile(output)
        if let data {
            try await OfflineExport.run(
                dataPath: data, form: QueryClient.form(fields), now: SystemClock.now,
                to: file.write)
        } else {
            let environment = ProcessInfo.processInfo.environment
            let client = QueryClient(
                address: server ?? environment["PERCH_SERVER"] ?? "http://127.0.0.1:9700",
                token: environment["PERCH_TOKEN"])
            try await client.stream("/api/v1/export/openmetrics", fields, to: file.write)
        }
        try file.finish()
    }

    private var fields: [(name: String, value: String)] {
        var fields = selectors.map { (name: "match[]", value: $0) }
        if let start { fields.append(("start", start)) }
        if let end { fields.append(("end", end)) }
        if underscores { fields.append(("escaping", "underscores")) }
        return fields
    }
}
