import PerchModel
import PerchWire

/// The answers of the bulk door, in the shape that shippers look at.
enum BulkAnswer {
    /// One item an action: 201, or 400 with why not.
    ///
    /// `refused` are rows that admission left out.
    static func body(_ items: [BulkResult.Item], refused: Set<Int>) -> [UInt8] {
        var text: [UInt8] = []
        let hasErrors = items.contains { item in item.row.map { refused.contains($0) } ?? true }
        text += #"{"took":0,"errors":\#(hasErrors),"items":["#.utf8
        for (number, item) in items.enumerated() {
            if number > 0 { text.append(UInt8(ascii: ",")) }
            text += #"{"\#(item.action)":{"_index":"#.utf8
            JSONText.appendString(item.index, to: &text)
            text += #","_id":"","#.utf8
            switch item.row {
            case nil:
                error("documents are not changed or deleted here", to: &text)
            case .some(let row) where refused.contains(row):
                error("the time is too old, or over ten minutes ahead", to: &text)
            default:
                text += #""result":"created","status":201}}"#.utf8
            }
        }
        text += "]}\n".utf8
        return text
    }

    private static func error(_ reason: String, to text: inout [UInt8]) {
        text += #""status":400,"error":{"type":"illegal_argument_exception","reason":"#.utf8
        JSONText.appendString(reason, to: &text)
        text += "}}}".utf8
    }

    /// The answer that refuses a whole request.
    static func error(_ message: String, status: Int) -> [UInt8] {
        var text: [UInt8] = []
        text += #"{"error":{"type":"illegal_argument_exception","reason":"#.utf8
        JSONText.appendString(message, to: &text)
        text += #"},"status":\#(status)}"#.utf8
        text += "\n".utf8
        return text
    }

    /// What shippers ask for before they send: which product and version this speaks like.
    static let product =
        Array(
            #"{"name":"perch","cluster_name":"perch","version":{"number":"8.17.0","#.utf8
        )
        + Array(
            #""build_flavor":"default","lucene_version":"9.12.0"},"tagline":"You Know, for Search"}"#
                .utf8)
}
