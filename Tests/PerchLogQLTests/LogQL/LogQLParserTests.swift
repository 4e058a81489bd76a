import Foundation
import PerchLogQL
import PerchTestSupport
import Testing

/// What is a query and what is none (LOG-22), by Loki's own verdicts and words.
@Suite("LogQL is read as Loki reads it")
struct LogQLParserTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var isValid: Bool
        var query: String
        var reason: String
        var place: String

        var testDescription: String { query }
    }

    static let rows: [Row] = {
        guard let bytes = try? TestData.bytes("logql/queries.tsv") else { return [] }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst()
        return lines.compactMap { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(
                String.init)
            func text(_ cell: String) -> String {
                (try? JSONDecoder().decode(String.self, from: Data(cell.utf8))) ?? ""
            }
            return Row(
                isValid: cells[0] == "valid", query: text(cells[1]), reason: text(cells[3]),
                place: cells[4])
        }
    }()

    static func failure(_ query: String) -> LogQLFailure? {
        do {
            _ = try LogQLParser.parse(query)
            return nil
        } catch {
            return error
        }
    }

    @Test(.enabled(if: TestData.isAvailable))
    func allRowsAreThere() {
        #expect(Self.rows.count == 129)
        #expect(Self.rows.count(where: \.isValid) == 102)
    }

    @Test(.enabled(if: TestData.isAvailable), arguments: rows)
    func verdicts(_ row: Row) throws {
        let failure = Self.failure(row.query)
        #expect((failure == nil) == row.isValid, "\(failure?.description ?? "was read")")
        guard case .parse(let message, let line, let column)? = failure else { return }
        #expect(message.contains(row.reason))
        if !row.place.isEmpty { #expect("\(line):\(column)" == row.place) }
    }

    @Test(.enabled(if: TestData.isAvailable), arguments: rows.filter(\.isValid))
    func whatIsPrintedIsTheSameQuery(_ row: Row) throws {
        let query = try LogQLParser.parse(row.query)
        let printed = try LogQLParser.parse(query.text)
        #expect(printed == query, "\(query.text)")
        #expect(try LogQLParser.parse(query.formatted) == query, "\(query.formatted)")
        #expect(printed.text == query.text)
    }

    @Test(arguments: [
        ("{a=\"b\"}|=`x`|json|s>=500", "{a=\"b\"} |= \"x\" | json | s>=500"),
        ("sum(rate({a=\"b\"}[1m30s]))by(c)", "sum by (c) (rate({a=\"b\"} [1m30s]))"),
        ("1+2*3", "7"), ("2^3^2", "512"), ("-5 < bool 1", "1"), ("1 / 0", "NaN"),
        (
            "(vector(1)+vector(2))*vector(3)^vector(4)",
            "(vector(1) + vector(2)) * vector(3) ^ vector(4)"
        ),
        (
            "vector(1) - (vector(2) - vector(3))", "vector(1) - (vector(2) - vector(3))"
        ),
        ("{a=\"b\"} | c=1, d=2 or e=3", "{a=\"b\"} | ( c=1 and ( d=2 or e=3 ) )"),
        ("{a=\"b\"} | d>1h30m | e<=10KiB", "{a=\"b\"} | d>1h30m | e<=10KiB"),
        (
            "{a=\"b\"} | drop c, d=\"e\" | keep f=~\"g.*\"",
            "{a=\"b\"} | drop c,d=\"e\" | keep f=~\"g.*\""
        ),
        (
            "{a=\"b\"} !> `<_>x` | unpack | decolorize",
            "{a=\"b\"} !> \"<_>x\" | unpack | decolorize"
        ),
    ])
    func printing(query: String, text: String) throws {
        #expect(try LogQLParser.parse(query).text == text)
    }

    @Test func longQueriesAreBroken() throws {
        let query =
            "sum by (service_name) (rate({service_name=\"checkout-service\"} |= \"error\" | json "
            + "| duration > 10s [5m])) / on (service_name) sum by (service_name) (rate({a=\"b\"} [5m]))"
        let text = try LogQLParser.parse(query).formatted
        #expect(text.split(separator: "\n").count > 2)
        #expect(try LogQLParser.parse(text) == LogQLParser.parse(query))
    }

    @Test(arguments: [
        "", "{", "{}}", "{a=}", "{a=\"b\"} |", "{a=\"b\"} | json |= ", "rate({a=\"b\"})", "rate()",
        "sum(", "{a=\"b\"}[5m]", "{a=\"b\"} | unwrap x", "rate({a=\"b\"}[5m]", "{a=~\"(\"}",
        "{a=\"b\"} | regexp \"x\"", "{a=\"b\"} | pattern \"x\"",
        "{a=\"b\"} | pattern \"<a><b>\"", "{a=\"b\"} |> \"<a>\"", "{a=\"b\"} | json x=\"a..b\"",
        "{a=\"b\"} | line_format \"{{\"", "{a=\"b\"} | line_format \"{{nope .x}}\"",
        "{a=\"b\"} | line_format \"{{if .x}}\"", "{a=\"b\"} |= ip(\"1.2.3\")", "topk(0, vector(1))",
        "rate({a=\"b\"}[-5m])", "rate({a=\"b\"}[5])", "1 +", "and", "{a=\"b\"} | x > \"y\"",
        "\u{1F600}",
        "label_replace(vector(1), \"a\", \"b\", \"c\", \"(\")", "sum by (a) by (b) (vector(1))",
        "{a=\"b\"} | label_format a=b, a=c", "count_over_time({a=\"b\"} | unwrap x [5m])",
        "{a=\"\\q\"}", "rate({a=\"b\"}[99999999999y])",
    ])
    func otherTextsAreRefused(query: String) {
        #expect(Self.failure(query) != nil)
    }

    @Test func nestingAndLengthAreBounded() {
        let deep = 100_000
        let texts = [
            String(repeating: "(", count: deep), String(repeating: "sum(", count: deep),
            "{a=\"b\"} | " + String(repeating: "(", count: deep),
            "{a=\"b\"} | line_format \"" + String(repeating: "{{if .a}}", count: deep / 10) + "\"",
            "{a=\"b\"} | line_format \"{{" + String(repeating: "(", count: deep) + "\"",
            "vector(1)" + String(repeating: " + vector(1)", count: 10_000),
            "vector(1)" + String(repeating: " ^ vector(1)", count: 10_000),
            "{a=\"b\"}" + String(repeating: " |= \"x\"", count: 10_000),
            String(repeating: " ", count: 300_000),
        ]
        for text in texts { #expect(Self.failure(text) != nil) }
    }

    /// What comes of damage is a query or a refusal.
    @Test(.enabled(if: TestData.isAvailable), arguments: 0..<8)
    func damagedQueriesDoNotTrap(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        for row in Self.rows {
            let bytes = Array(row.query.utf8)
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            _ = Self.failure(String(decoding: bytes[..<cut], as: UTF8.self))
            for _ in 0..<20 {
                var damaged = bytes
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let place = Int.random(in: 0..<damaged.count, using: &generator)
                    let signs = Array("{}()[]|=!~<>\"`\\,.-+0aM%\n#".utf8)
                    damaged[place] = signs.randomElement(using: &generator) ?? 0
                }
                if let query = try? LogQLParser.parse(String(decoding: damaged, as: UTF8.self)) {
                    #expect(!query.formatted.isEmpty)
                }
            }
        }
    }
}
