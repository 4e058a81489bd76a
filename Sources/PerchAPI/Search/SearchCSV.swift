import HTTPTypes
import Hummingbird
import NIOCore
import PerchLogQL
import PerchModel

/// Answers to searches as CSV (RFC 4180), with the columns' names first.
enum SearchCSV {
    static func response(_ answer: SearchAnswer, _ dataset: Dataset) -> Response {
        var text: [UInt8] = []
        let table =
            switch answer.content {
            case .table(let table): table
            case .events(let batch): ResultTable(batch, columns(dataset))
            }
        append(table.columns, to: &text)
        for row in table.rows { append(row.map(\.shown), to: &text) }
        var headers: HTTPFields = [.contentType: "text/csv; charset=utf-8"]
        if answer.isCut, let name = HTTPField.Name("X-Perch-Truncated") { headers[name] = "true" }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: text)))
    }

    /// What rows show when nobody said which fields.
    private static func columns(_ dataset: Dataset) -> [String] {
        switch dataset {
        case .logs: ["time", "service", "level", "message", "trace_id"]
        case .spans:
            [
                "time", "service", "name", "kind", "duration_ms", "status_code", "trace_id",
                "span_id",
            ]
        }
    }

    private static func append(_ cells: [String], to text: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            append(cell, to: &text)
        }
        text.append(contentsOf: "\r\n".utf8)
    }

    private static func append(_ cell: String, to text: inout [UInt8]) {
        guard cell.utf8.contains(where: { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }) else {
            text.append(contentsOf: cell.utf8)
            return
        }
        text.append(UInt8(ascii: "\""))
        for byte in cell.utf8 {
            if byte == UInt8(ascii: "\"") { text.append(byte) }
            text.append(byte)
        }
        text.append(UInt8(ascii: "\""))
    }
}
