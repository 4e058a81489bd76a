import PerchLogQL
import PerchModel
import Testing

@Suite("Questions behind pipes")
struct PipeParserTests {
    private func columns(_ text: String) throws -> [String]? {
        try SearchQuery.parse(text, now: 0).columns
    }

    @Test(
        "LOG-22: questions have these columns",
        arguments: [
            ("level:error | count", ["count"]),
            ("|count", ["count"]),
            ("a|count", ["count"]),
            ("| count by service, http.route", ["service", "http.route", "count"]),
            ("| top 5 user.id", ["user.id", "count"]),
            ("| top a, b", ["a", "b", "count"]),
            (
                "| stats count, sum(x), avg(x), min(x), max(x), quantile(0.95, x), distinct(x) by a",
                [
                    "a", "count", "sum(x)", "avg(x)", "min(x)", "max(x)", "quantile(0.95, x)",
                    "distinct(x)",
                ]
            ),
            (
                "| stats p99(x) as slow, count(y), median(\"a b\")",
                ["slow", "count(y)", "median(a b)"]
            ),
            ("| timechart span=5m count by level", ["time", "level", "count"]),
            ("| timechart", ["time", "count"]),
            ("| timechart avg(x)", ["time", "avg(x)"]),
            ("| fields a, b | sort b desc | limit 3", ["a", "b"]),
            ("| stats sum(x) by a | sort sum(x) desc | fields sum(x)", ["sum(x)"]),
            ("| stats quantile(0.5, x) | sort quantile(0.5, x)", ["quantile(0.5, x)"]),
            ("| patterns", ["count", "pattern", "example"]),
            ("| limit 5 | patterns 3", ["count", "pattern", "example"]),
        ])
    func columns(_ text: String, _ expected: [String]) throws {
        #expect(try columns(text) == expected)
    }

    @Test("Rows stay as they are without a question", arguments: ["a", "a | sort x | limit 2"])
    func rows(_ text: String) throws {
        #expect(try columns(text) == nil)
        #expect(try SearchQuery.parse(text, now: 0).answersEvents)
    }

    @Test(
        "Mistakes name their place and what was meant",
        arguments: [
            ("a | cuont", 4, "“cuont”", "count"),
            ("a | ", 4, "the end", nil),
            ("a | | count", 4, "“|”", nil),
            ("a | stats cont", 10, "“cont”", "count"),
            ("a | stats sum", 13, "the end", nil),
            ("a | stats sum(", 14, "the end", nil),
            ("a | stats sum(x", 15, "the end", nil),
            ("a | stats quantile(2, x)", 19, "“2”", nil),
            ("a | stats quantile(0.5)", 22, "“)”", nil),
            ("a | stats count by", 18, "the end", nil),
            ("a | stats count count", 16, "“count”", nil),
            ("a | top 0 x", 8, "“0”", nil),
            ("a | top 5", 9, "the end", nil),
            ("a | limit", 9, "the end", nil),
            ("a | limit x", 10, "“x”", nil),
            ("a | limit 99999999999999999999", 10, "“99999999999999999999”", nil),
            ("a | timechart span 5m", 19, "“5m”", nil),
            ("a | timechart span=x", 19, "“x”", nil),
            ("a | count by field | sort y", 26, "“y”", nil),
            ("a | count by user | sort usr", 25, "“usr”", "user"),
            ("a | count | count", 12, "“count”", nil),
            ("a | sort x | count", 13, "“count”", nil),
            ("a | stats count, count", 4, "two columns of one name", nil),
            ("a | stats sum(time)", 18, "“)”", nil),
            ("a | fields \"x", 13, "the end", nil),
        ] as [(String, Int, String, String?)])
    func mistakes(_ text: String, _ position: Int, _ found: String, _ hint: String?) {
        let failure = #expect(throws: SearchFailure.self) { try SearchQuery.parse(text, now: 0) }
        #expect(failure?.position == position)
        #expect(failure?.found == found)
        #expect(failure?.hint == hint)
    }

    @Test("Any mix of pieces either parses or fails inside the text")
    func mixes() {
        let pieces = [
            "count", "top", "stats", "timechart", "fields", "sort", "limit", "patterns", " by ",
            "|", "(", ")", ",", "=", "5", "x", "sum", "quantile", "0.5", "\"", "span", "5m", "desc",
            " as ", "é", " ",
        ]
        var random = SearchGenerator(seed: 11)
        for _ in 0..<20_000 {
            let text = "| " + (0..<random.int(1..<12)).map { _ in random.pick(pieces) }.joined()
            do {
                _ = try SearchQuery.parse(text, now: 0)
            } catch {
                #expect((0...text.count).contains(error.position), "\(text): \(error)")
            }
        }
    }

    @Test("Questions without end are refused")
    func bounds() {
        let texts = [
            "a" + String(repeating: " | limit 1", count: 100),
            "| fields " + String(repeating: "a,", count: 500) + "a",
            "| stats " + (0..<100).map { "sum(f\($0))" }.joined(separator: ","),
            "| count by " + (0..<200).map { "f\($0)" }.joined(separator: ","),
        ]
        for text in texts {
            #expect(throws: SearchFailure.self) { try SearchQuery.parse(text, now: 0) }
        }
    }
}
