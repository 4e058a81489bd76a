import PerchModel

/// Writes the data of charts as JSON.
///
/// It goes into attributes, which are escaped as all text is; a script that reads one may put its
/// text anywhere, so what could end a script is escaped too.
enum ChartJSON {
    static func string(_ text: String) -> String { JSONText.string(text, in: .page) }

    /// Missing and non-finite values become null, which charts draw as a gap.
    static func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "null" }
        guard value == value.rounded(), abs(value) < 1e15 else { return shortened(value) }
        return String(Int64(value))
    }

    static func numbers(_ values: some Sequence<Double?>) -> String {
        "[" + values.map(number).joined(separator: ",") + "]"
    }

    static func numbers(_ values: [Double]) -> String { numbers(values.map(Optional.some)) }

    static func array(_ items: [String]) -> String { "[" + items.joined(separator: ",") + "]" }

    /// Members without a value are left out.
    static func object(_ members: [(name: String, value: String?)]) -> String {
        "{"
            + members.compactMap { member in member.value.map { "\"\(member.name)\":\($0)" } }
            .joined(separator: ",") + "}"
    }

    /// Six significant digits: more than a screen shows, and half the bytes.
    private static func shortened(_ value: Double) -> String {
        let size = abs(value)
        guard size >= 1e-4, size < 1e9 else { return String(value) }
        var scale = 1.0
        while size * scale < 100_000 { scale *= 10 }
        return String((value * scale).rounded() / scale)
    }
}
