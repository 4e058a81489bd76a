import HTTPTypes
import Hummingbird
import NIOCore
import PerchLogQL
import PerchModel

/// Answers to searches as JSON.
enum SearchJSON {
    /// `{"status":"success","data":{"columns":[…],"rows":[[…]]},"truncated":false}`; rows as they
    /// were stored come as `"events":[{…}]`.
    static func response(_ answer: SearchAnswer) -> Response {
        var text = JSONWriter()
        text.raw("{\"status\":\"success\",\"data\":{")
        switch answer.content {
        case .events(let batch):
            text.raw("\"events\":[")
            for row in 0..<batch.rowCount {
                if row > 0 { text.raw(",") }
                EventJSON.append(batch, row: row, to: &text)
            }
            text.raw("]")
        case .table(let table):
            text.raw("\"columns\":")
            append(table.columns, to: &text) { $0.string($1) }
            text.raw(",\"rows\":")
            append(table.rows, to: &text) { text, row in
                append(row, to: &text) { append($1, to: &$0) }
            }
        }
        text.raw("},\"truncated\":")
        text.raw(answer.isCut ? "true" : "false")
        text.raw("}\n")
        return response(text)
    }

    /// `{"status":"success","data":{"rows":…,"fields":[{"name":…,"space":…,"kinds":[…],"count":…}]}}`.
    static func response(fields: [(EventField, Int64)], of rowCount: Int64) -> Response {
        var text = JSONWriter()
        text.raw("{\"status\":\"success\",\"data\":{\"rows\":")
        text.number(rowCount)
        text.raw(",\"fields\":")
        append(fields, to: &text) { (text, entry) in
            let (field, count) = entry
            text.raw("{\"name\":")
            text.string(field.name)
            text.raw(",\"space\":")
            text.string("\(field.space)")
            text.raw(",\"kinds\":")
            append(field.kinds, to: &text) { $0.string("\($1)") }
            text.raw(",\"count\":")
            text.number(count)
            text.raw("}")
        }
        text.raw("}}\n")
        return response(text)
    }

    private static func append<Value>(
        _ values: [Value], to text: inout JSONWriter, _ element: (inout JSONWriter, Value) -> Void
    ) {
        text.raw("[")
        for (index, value) in values.enumerated() {
            if index > 0 { text.raw(",") }
            element(&text, value)
        }
        text.raw("]")
    }

    private static func append(_ cell: ResultCell, to text: inout JSONWriter) {
        switch cell {
        case .none: text.raw("null")
        case .text(let value): text.string(value)
        case .int(let value): text.number(value)
        case .double(let value): text.number(value)
        case .bool(let value): text.raw(value ? "true" : "false")
        case .time: text.string(cell.shown)
        }
    }

    private static func response(_ text: JSONWriter) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: text.bytes)))
    }
}
