import ArgumentParser
import Foundation

/// Tells a running server that a version of a service went into operation.
struct Deploy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Mark a deploy, which then shows on the charts of its service.",
        discussion: "The key for a server that wants one stands in the variable PERCH_TOKEN.")

    @Argument(help: "The service, as its telemetry names it.")
    var service: String

    @Argument(help: "The version that is now in operation.")
    var version: String

    @Option(help: "Where: production, staging.")
    var environment = ""

    @Option(help: "The address of a change list or build.")
    var link = ""

    @Option(help: "When: 2026-11-21T10:05:00Z, -10m; now by default.")
    var time = ""

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let fields = [
            ("service", service), ("version", version), ("environment", environment),
            ("link", link), ("time", time),
        ].filter { !$0.1.isEmpty }
        let answer = try await options.client.ask("/api/v1/deploys", fields)
        let told = try? JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any]
        let isNew = told?["recorded"] as? Bool ?? true
        let safe = Terminal.safe("\(service) \(version)")
        print(isNew ? "marked: \(safe)" : "known already: \(safe) is the newest version there")
    }
}
