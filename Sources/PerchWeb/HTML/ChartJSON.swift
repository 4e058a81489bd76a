import PerchModel

/// Writes the data of charts as JSON.
///
/// It goes into attributes, which are escaped as all text is; a script that reads one may put its
/// text anywhere, so what could end a script is escaped too.
enum ChartJSON {
    static func string(_ text: String) -> String { JSONText.string(text, in: .page) }

    /// Missing and non-finite values become null, which charts draw as a gap.
    static func numbers(_ values: [Double?]) -> String {
        "["
            + values.map { value in
                guard let value, value.isFinite else { return "null" }
                guard value == value.rounded(), abs(value) < 1e15 else { return String(value) }
                return String(Int64(value))
            }.joined(separator: ",") + "]"
    }

    static func array(_ items: [String]) -> String { "[" + items.joined(separator: ",") + "]" }
}
