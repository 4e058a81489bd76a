import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// A body remembers the keys of its lines: what it makes of a line must not depend on those before
/// (LOG-22).
@Suite("A line is read the same after any others")
struct JSONLineKeyTests {
    private static let keys = [
        "time", "level", "msg", "message", "service", "host.name", "a", "ab", "abc", "abcdefgh",
        "abcdefghi", "", "trace_id", "key with space", "k\\u0065y", "schlüssel", "nested",
    ]
    private static let values = [
        #""2026-11-20T00:00:00.5Z""#, #""info""#, #""text""#, #""te\"xt""#, "1", "-2.5", "true",
        "null", #"{"a":1,"b":{"c":"d"}}"#, "{}", "[1,2]", #""43bae18477213aa34ebaafb2bc6a8095""#,
    ]

    private static func line(_ random: inout SeededGenerator) -> String {
        let count = Int.random(in: 0...6, using: &random)
        let pairs = (0..<count).map { _ in
            let key = keys.randomElement(using: &random) ?? ""
            let colon = ["\":", "\": ", "\" :"].randomElement(using: &random) ?? ""
            return "\"" + key + colon + (values.randomElement(using: &random) ?? "")
        }
        let comma = [",", ", ", ",  ", " ,"].randomElement(using: &random) ?? ","
        let end = ["}", " }", ",}", ""][Int.random(in: 0..<12, using: &random) % 9 % 4]
        return "{" + pairs.joined(separator: comma) + end
    }

    private static func decode(_ text: String) throws -> JSONLinesResult {
        try JSONLines.decode(Array(text.utf8), options: JSONLinesOptions(), receivedNanos: 7)
    }

    /// The values of a row by space, name and kind.
    private static func values(_ batch: EventBatch, row: Int) -> [String: FieldValue] {
        var values: [String: FieldValue] = [:]
        for column in batch.columns {
            guard let index = column.index(ofRow: row) else { continue }
            values["\(column.space) \(column.name) \(column.kind)"] = column.value(at: index)
        }
        return values
    }

    @Test(arguments: 0..<20)
    func linesAreIndependent(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let lines = (0..<200).map { _ in Self.line(&random) }
        let all = try Self.decode(lines.joined(separator: "\n"))
        #expect(all.batch.rowCount == lines.count)
        #expect(all.plainCount > 0 && all.acceptedCount > lines.count / 2)
        for (row, line) in lines.enumerated() {
            let one = try Self.decode(line)
            #expect(one.plainCount == (all.plainRows.contains(UInt32(row)) ? 1 : 0))
            #expect(one.batch.times[0] == all.batch.times[row])
            #expect(one.batch.resource(ofRow: 0) == all.batch.resource(ofRow: row))
            #expect(
                Self.values(one.batch, row: 0) == Self.values(all.batch, row: row),
                "line \(row + 1): \(line)")
        }
    }

    @Test("keys beyond those that are remembered are read too")
    func manyKeys() throws {
        let lines = (0..<6_000).map { #"{"key\#($0 % 5_000)":\#($0)}"# }
        let batch = try Self.decode(lines.joined(separator: "\n")).batch
        #expect(batch.columns.count == 5_000)
        for column in batch.columns {
            #expect(column.ints.allSatisfy { column.name == "key\($0 % 5_000)" })
        }
    }
}
