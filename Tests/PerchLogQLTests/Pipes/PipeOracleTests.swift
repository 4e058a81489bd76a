import PerchLogQL
import PerchModel
import PerchTestSupport
import Testing

/// Gives the rows of two stores, each as a part to be read beside the other.
private struct TwoParts: EventSource {
    let first: InMemoryEventStore
    let second: InMemoryEventStore

    func read(_ query: EventQuery) -> any EventCursor {
        preconditionFailure("questions over all rows are read in parts")
    }

    func read(_ query: EventQuery, parts: Int) -> [any EventCursor] {
        [first.read(query), second.read(query)]
    }
}

/// A question as the oracle sees it.
private enum PlainQuestion {
    case stats([PlainFigure], by: [String])
    case top(Int, [String])
    case timechart(Int64, by: String?)

    var text: String {
        switch self {
        case .stats(let figures, let groups):
            " | stats " + figures.map(\.text).joined(separator: ", ")
                + (groups.isEmpty ? "" : " by " + groups.joined(separator: ", "))
        case .top(let count, let names): " | top \(count) " + names.joined(separator: ", ")
        case .timechart(let seconds, let name):
            " | timechart span=\(seconds)s count" + (name.map { " by \($0)" } ?? "")
        }
    }
}

private struct PlainFigure: Hashable {
    var function: String
    var field: String

    var text: String {
        switch function {
        case "count": "count"
        case "quantile": "quantile(0.75, \(field))"
        default: "\(function)(\(field))"
        }
    }

    /// The figure of some rows, as simply as can be.
    func value(_ rows: [PlainRow]) -> ResultCell {
        if function == "count" { return .int(rows.reduce(0) { $0 + $1.weight }) }
        if function == "distinct" {
            return .int(Int64(Set(rows.compactMap { $0.value(field)?.text }).count))
        }
        // Each value as often as its row stands for.
        var values: [Double] = []
        for row in rows {
            guard let number = row.value(field).flatMap(PlainSearch.number) else { continue }
            values += Array(repeating: number, count: Int(row.weight))
        }
        guard !values.isEmpty else { return .none }
        values.sort()
        switch function {
        case "sum": return .double(values.reduce(0, +))
        case "avg": return .double(values.reduce(0, +) / Double(values.count))
        case "min": return .double(values[0])
        case "max": return .double(values[values.count - 1])
        default:
            let rank = 0.75 * Double(values.count - 1)
            let low = values[Int(rank)]
            let high = values[min(Int(rank) + 1, values.count - 1)]
            return .double(low + (high - low) * (rank - Double(Int(rank))))
        }
    }
}

@Suite("Questions at random")
struct PipeOracleTests {
    private static let functions = [
        "count", "sum", "avg", "min", "max", "quantile", "distinct",
    ]
    private static let second: Int64 = 1_000_000_000

    private func question(_ random: inout SearchGenerator) -> PlainQuestion {
        let names = (0..<random.int(0..<3)).map { _ in random.pick(SearchGenerator.names) }
        let groups = Array(Set(names)).sorted()
        switch random.int(0..<4) {
        case 0: return .top(random.int(1..<6), groups.isEmpty ? ["user"] : groups)
        case 1: return .timechart(Int64(random.pick([5, 7, 30])), by: groups.first)
        default:
            let figures = (0..<random.int(1..<4)).map { _ in
                PlainFigure(
                    function: random.pick(Self.functions),
                    field: random.pick(SearchGenerator.names))
            }
            var unique: [PlainFigure] = []
            for figure in figures where !unique.contains(where: { $0.text == figure.text }) {
                unique.append(figure)
            }
            return .stats(unique, by: groups)
        }
    }

    @Test("LOG-22: 2,400 questions have the answers of the plainest evaluator", arguments: 0..<8)
    func agree(_ seed: Int) async throws {
        var random = SearchGenerator(seed: 100 + UInt64(seed))
        var rowCount = 0
        for _ in 0..<10 {
            let rows = random.rows(random.int(1..<80))
            let source = TwoParts(first: InMemoryEventStore(), second: InMemoryEventStore())
            let cut = random.int(0..<rows.count)
            try await source.first.append(SearchGenerator.batch(Array(rows[..<cut])))
            try await source.second.append(SearchGenerator.batch(Array(rows[cut...])))
            for _ in 0..<30 {
                let search = random.search(depth: 1)
                let question = question(&random)
                let text = search.text + question.text
                let table = try await answer(text, source)
                let found = rows.filter { search.holds($0) }
                rowCount += table.rows.count
                try check(table, question, found, text)
            }
        }
        #expect(rowCount > 500)
    }

    private func answer(_ text: String, _ source: TwoParts) async throws -> ResultTable {
        let query = try SearchQuery.parse(text, now: 0)
        let runner = SearchRunner(source: source, dataset: .logs)
        let answer = try await runner.answer(
            query, times: 0..<60 * Self.second, limit: 10_000)
        guard case .table(let table) = answer.content else {
            Issue.record("no table: \(text)")
            return ResultTable(columns: [])
        }
        return table
    }

    private func check(
        _ table: ResultTable, _ question: PlainQuestion, _ found: [PlainRow], _ text: String
    ) throws {
        var expected: [[ResultCell]: [ResultCell]] = [:]
        var groupCount = 0
        switch question {
        case .stats(let figures, let groups):
            groupCount = groups.count
            expected = self.groups(found, groups).mapValues { rows in
                figures.map { $0.value(rows) }
            }
            if groups.isEmpty { expected[[]] = figures.map { $0.value(found) } }
        case .timechart(let seconds, let name):
            groupCount = name == nil ? 1 : 2
            let size = seconds * Self.second
            for row in found {
                let time = ResultCell.time(row.time / size * size)
                let key = [time] + (name.map { [Self.cell(row.value($0))] } ?? [])
                guard case .int(let known)? = expected[key]?[0] ?? .int(0) else { continue }
                expected[key] = [.int(known + row.weight)]
            }
            if name == nil {
                for time in stride(from: 0, to: 60 * Self.second, by: Int(size)) {
                    expected[[.time(Int64(time))], default: [.int(0)]] += []
                }
            }
        case .top(let count, let names):
            groupCount = names.count
            expected = groups(found, names).mapValues { rows in
                [.int(rows.reduce(0) { $0 + $1.weight })]
            }.filter { !$0.key.allSatisfy { $0 == .none } }
            let counts = expected.values.map { Self.int($0[0]) }.sorted(by: >).prefix(count)
            #expect(table.rows.map { Self.int($0[groupCount]) } == Array(counts), "\(text)")
            for row in table.rows {
                #expect(expected[Array(row[..<groupCount])] == Array(row[groupCount...]), "\(text)")
            }
            return
        }
        #expect(table.rows.count == expected.count, "\(text)")
        for row in table.rows {
            let cells = expected[Array(row[..<groupCount])]
            #expect(cells != nil, "\(text): \(row)")
            for (got, wanted) in zip(row[groupCount...], cells ?? []) {
                #expect(Self.isNear(got, wanted), "\(text): \(got), not \(wanted)")
            }
        }
    }

    private func groups(_ rows: [PlainRow], _ names: [String]) -> [[ResultCell]: [PlainRow]] {
        Dictionary(grouping: rows) { row in names.map { Self.cell(row.value($0)) } }
    }

    private static func cell(_ value: FieldValue?) -> ResultCell {
        value.map { .text($0.text) } ?? .none
    }

    private static func int(_ cell: ResultCell) -> Int64 {
        if case .int(let value) = cell { value } else { -1 }
    }

    private static func isNear(_ left: ResultCell, _ right: ResultCell) -> Bool {
        guard case .double(let left) = left, case .double(let right) = right else {
            return left == right
        }
        return abs(left - right) <= 1e-9 * max(1, abs(right))
    }
}
