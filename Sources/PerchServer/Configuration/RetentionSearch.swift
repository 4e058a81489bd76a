import PerchEvents
import PerchLogQL
import PerchModel

/// How long the logs are kept that a search names: `level:debug 3d`.
package struct RetentionSearch: Sendable, Equatable {
    package let search: String
    package let seconds: Int
    let rule: EventStore.RetentionRule?

    /// Reads a search and, as its last word, how long; nil for anything else.
    package init?(_ text: String) {
        guard let space = text.lastIndex(of: " "),
            let seconds = ConfigurationKey.seconds(String(text[text.index(after: space)...]))
        else { return nil }
        let search = text[..<space].trimmingPrefix { $0 == " " }
        // A rule for everything is what `retention.logs` is for.
        guard !search.allSatisfy({ $0 == " " }),
            let predicate = try? SearchParser.parse(String(search))
        else { return nil }
        self.search = String(search)
        self.seconds = seconds
        rule = EventStore.RetentionRule(
            .logs, predicate, nanos: Int64(seconds) * 1_000_000_000)
    }

    /// Logs of level error and above.
    static func errors(_ seconds: Int) -> RetentionSearch? {
        RetentionSearch("level>=error \(seconds)s")
    }
}
