import ArgumentParser
import Foundation
import PerchServer

/// How to reach a running server, shared by commands that ask one.
struct ServerOptions: ParsableArguments {
    @Option(help: "The server's address; default PERCH_SERVER or http://127.0.0.1:9700.")
    var server: String?

    /// The key for a server that wants one stands in the environment.
    var client: QueryClient {
        let environment = ProcessInfo.processInfo.environment
        return QueryClient(
            address: server ?? environment["PERCH_SERVER"] ?? "http://127.0.0.1:9700",
            token: environment["PERCH_TOKEN"])
    }
}

/// Searches the logs of a running server, or follows them.
struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Search the logs of a running server, or follow them.",
        discussion: """
            The search is that of the pages: 'service:api level>=warn "timed out"'. Behind pipes stand \
            questions: 'level:error | top 10 http.route'. The key for a server that wants one stands in \
            the variable PERCH_TOKEN.
            """)

    @Argument(help: "The search; without one, everything.")
    var query = ""

    @Option(help: "How far back to look, for example 30m or 2d.")
    var since = "1h"

    @Option(help: "Begin of the range instead: RFC 3339, or seconds since 1970.")
    var start: String?

    @Option(help: "End of the range; default now.")
    var end: String?

    @Option(help: "At most so many records, the newest.")
    var limit = 200

    @Flag(name: .shortAndLong, help: "Go on with new records as they come.")
    var follow = false

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @Flag(help: "Search spans instead of logs.")
    var spans = false

    @Flag(
        inversion: .prefixedNo, help: "Colours; by default on a terminal, unless NO_COLOR is set.")
    var color: Bool?

    @OptionGroup var options: ServerOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit: 1 to 10000") }
        guard start != nil || Query.seconds(since) != nil else {
            throw ValidationError("--since: \"\(since)\" is no duration such as 30m or 2d")
        }
        guard !follow || end == nil else { throw ValidationError("--follow has no --end") }
    }

    func run() async throws {
        let client = options.client
        guard follow else {
            try print(try await search(client))
            return
        }
        // The tail is open before the search is asked, so nothing falls between them; what comes
        // in both is shown once.
        var shown: Set<String>?
        try await client.tail([("query", query), ("dataset", dataset)]) { item in
            switch item {
            case .open:
                let answer = try await search(client)
                shown = Set(answer.events.map(\.key))
                try print(answer)
            case .event(let line):
                guard let event = LogLine(line), shown?.remove(event.key) == nil else { return }
                try write(text(of: event))
            case .dropped(let count):
                try FileHandle.standardError.write(
                    contentsOf: Data("\(count) records were left out: they came too fast\n".utf8))
            }
        }
    }

    private var dataset: String { spans ? "spans" : "logs" }

    private func search(_ client: QueryClient) async throws -> SearchReply {
        var fields = [
            (name: "query", value: query), (name: "dataset", value: dataset),
            (name: "limit", value: String(limit)), (name: "start", value: start ?? "-\(since)"),
        ]
        if let end { fields.append(("end", end)) }
        return try SearchReply(try await client.ask("/api/v1/search", fields))
    }

    private func print(_ reply: SearchReply) throws {
        // The newest come first, and a terminal is read downwards.
        for event in reply.events.reversed() { try write(text(of: event)) }
        if !reply.columns.isEmpty { try write(json ? reply.jsonLines : reply.table) }
        if reply.isCut {
            try FileHandle.standardError.write(
                contentsOf: Data("there is more; --limit shows it\n".utf8))
        }
    }

    private func text(of event: LogLine) -> String {
        json ? event.line + "\n" : event.text(hasColor: color ?? Terminal.hasColor)
    }

    private func write(_ text: String) throws {
        try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
}
