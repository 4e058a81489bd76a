import PerchModel
import Testing

@testable import PerchPromQL

/// Queries that were written for VictoriaMetrics say what they use, and what to write.
@Suite struct MetricsQLTests {
    private static func message(_ query: String) throws -> String {
        do {
            _ = try Parser.parse(query)
        } catch {
            return error.message
        }
        Issue.record("\(query) is no mistake")
        return ""
    }

    @Test(arguments: [
        ("topk_max(5, a)", "topk_max", "max_over_time(x[range])"),
        ("bottomk_last by (x) (5, a)", "bottomk_last", "last_over_time"),
        ("sum(range_median(a))", "range_median", "quantile_over_time(0.5"),
        ("running_max(a)", "running_max", "max_over_time(x[range:step])"),
        ("label_set(a, \"b\", \"c\")", "label_set", "label_replace"),
        ("1 + median(a)", "median", "quantile(0.5, x)"),
        ("WITH (a = b) a + a", "WITH", "write the expression out"),
        ("rate(a[5m]) keep_metric_names", "keep_metric_names", "label_replace"),
        ("a default 0", "default", "a or b"),
        ("increases_over_time(a[5m])", "increases_over_time", "sum_over_time"),
    ])
    func aFunctionIsNamed(_ query: String, _ name: String, _ instead: String) throws {
        let message = try Self.message(query)
        #expect(message.contains("MetricsQL, which Perch does not have"), "\(message)")
        #expect(message.contains(name) && message.contains(instead), "\(message)")
    }

    /// A name of neither language is answered as before, and PromQL's own are no matter of this.
    @Test func othersAreAsTheyWere() throws {
        #expect(
            try Self.message("nonsense(a)") == "unknown function with name \"nonsense\"")
        for function in Function.allCases {
            #expect(MetricsQL.explanation(function: function.rawValue) == nil, "\(function)")
        }
        // Metrics may be called like functions and operators of the other language.
        for query in ["median", "default + if", "sum by (share) (ru)", "now", "with"] {
            #expect(throws: Never.self) { try Parser.parse(query) }
        }
    }
}
