import ArgumentParser
import Foundation

/// Shows a trace of a running server as a tree.
struct Trace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a trace as a tree of its spans, with its logs.",
        discussion: "The key for a server that wants one stands in the variable PERCH_TOKEN.")

    @Argument(help: "The id of the trace.")
    var id: String

    @Flag(inversion: .prefixedNo, help: "Its logs too.")
    var logs = true

    @Flag(help: "Print the spans and logs as one JSON object a line.")
    var json = false

    @Flag(
        inversion: .prefixedNo, help: "Colours; by default on a terminal, unless NO_COLOR is set.")
    var color: Bool?

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let client = options.client
        let spans = try await events(client, "spans")
        let records = logs ? try await events(client, "logs") : SearchReply.none
        guard !spans.events.isEmpty || !records.events.isEmpty else {
            throw QueryClient.Failure(description: "no trace \(Terminal.safe(id))")
        }
        if spans.isCut || records.isCut {
            try FileHandle.standardError.write(
                contentsOf: Data("only the newest 10000 spans or logs are shown\n".utf8))
        }
        let text =
            json
            ? (spans.events + records.events).map { $0.line + "\n" }.joined()
            : TraceTree(spans: spans.events, logs: records.events)
                .text(hasColor: color ?? Terminal.hasColor)
        try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    private func events(_ client: QueryClient, _ dataset: String) async throws -> SearchReply {
        let quoted = id.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return try SearchReply(
            try await client.ask(
                "/api/v1/search",
                [
                    ("query", "trace_id:\"\(quoted)\""), ("dataset", dataset), ("limit", "10000"),
                ]))
    }
}

extension SearchReply {
    /// Nothing.
    static var none: SearchReply { SearchReply() }
}
