/// Writes the data of charts as JSON.
///
/// It goes into attributes, which are escaped as all text is.
enum JSONText {
    static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

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
