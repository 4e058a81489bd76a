import ArgumentParser
import Foundation
import PerchServer

/// Asks a running server in PromQL.
struct Query: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a running server in PromQL.",
        discussion: """
            With --since, or --start and --end, the query is asked over a range, else at one time.
            The key for a server that wants one stands in the variable PERCH_TOKEN.
            """)

    /// How the answer is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table
        case csv
        case json
        case chart
    }

    @Argument(help: "The query, for example 'sum by (job) (rate(http_requests_total[5m]))'.")
    var expression: String

    @Option(help: "The server's address; default PERCH_SERVER or http://127.0.0.1:9700.")
    var server: String?

    @Option(help: "When to ask: seconds since 1970 or RFC 3339; default now.")
    var time: String?

    @Option(help: "Begin of a range: seconds since 1970 or RFC 3339.")
    var start: String?

    @Option(help: "End of a range; default now.")
    var end: String?

    @Option(help: "How far back a range reaches from now, for example 30m or 2d.")
    var since: String?

    @Option(help: "Time between the points of a range, for example 30s; default 1/100 of it.")
    var step: String?

    @Option(help: "How to print: \(Format.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format = Format.table

    func validate() throws {
        let isRange = since != nil || start != nil || end != nil
        guard !isRange || time == nil else {
            throw ValidationError("--time asks at one time; leave out --since, --start and --end")
        }
        guard since == nil || start == nil else {
            throw ValidationError("give --since or --start, not both")
        }
        guard end == nil || start != nil else {
            throw ValidationError("--end needs --start")
        }
        guard isRange || step == nil else { throw ValidationError("--step needs a range") }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let client = QueryClient(
            address: server ?? environment["PERCH_SERVER"] ?? "http://127.0.0.1:9700",
            token: environment["PERCH_TOKEN"])
        let (path, fields) = try request(nowSeconds: SystemClock.now() / 1_000_000_000)
        let body = try await client.ask(path, fields)
        guard format != .json else {
            try FileHandle.standardOutput.write(contentsOf: Data(body) + Data("\n".utf8))
            return
        }
        let answer = try QueryAnswer(body)
        for note in answer.notes {
            try FileHandle.standardError.write(contentsOf: Data((note + "\n").utf8))
        }
        let text =
            switch format {
            case .table: answer.table()
            case .csv: answer.csv()
            case .chart: answer.chart()
            case .json: ""
            }
        try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    /// The path and the form of the question.
    func request(
        nowSeconds: Int64
    ) throws -> (path: String, fields: [(name: String, value: String)]) {
        var fields = [(name: "query", value: expression)]
        guard since != nil || start != nil else {
            if let time { fields.append(("time", time)) }
            return ("/api/v1/query", fields)
        }
        let end = end ?? String(nowSeconds)
        var start = start ?? ""
        if let since {
            guard let seconds = Self.seconds(since) else {
                throw ValidationError("--since: \"\(since)\" is no duration such as 30m or 2d")
            }
            start = String(nowSeconds - seconds)
        }
        fields += [("start", start), ("end", end)]
        var step = step
        if step == nil, let from = Int64(start), let to = Int64(end) {
            step = String(max(1, (to - from) / 100))
        }
        fields.append(("step", step ?? "60"))
        return ("/api/v1/query_range", fields)
    }

    /// The seconds of a text such as `90s`, `30m`, `1h30m` or `2d`.
    static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
        var total: Int64 = 0
        var digits = ""
        for character in text {
            guard let unit = units[character] else {
                digits.append(character)
                continue
            }
            guard let number = Int64(digits), number >= 0, number < 1_000_000 else { return nil }
            total += number * unit
            digits = ""
        }
        return digits.isEmpty && total > 0 ? total : nil
    }
}
