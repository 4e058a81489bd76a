import PerchModel
import PerchWire

/// The answers of the JSON lines door.
enum JSONLinesAnswer {
    /// `{"accepted":…,"plain":…,"refused":…,"errors":[{"line":…,"reason":…}]}`: objects kept, lines
    /// kept as plain text, records refused for their time, and the first lines that are no objects.
    ///
    /// Each record counts once.
    static func body(
        accepted: Int, plain: Int, refused: Int, errors: [JSONLinesResult.BadLine]
    ) -> [UInt8] {
        var text = JSONWriter()
        text.raw("{\"accepted\":")
        text.number(accepted)
        text.raw(",\"plain\":")
        text.number(plain)
        text.raw(",\"refused\":")
        text.number(refused)
        text.raw(",\"errors\":[")
        for (index, bad) in errors.enumerated() {
            if index > 0 { text.raw(",") }
            text.raw("{\"line\":")
            text.number(bad.line)
            text.raw(",\"reason\":")
            text.string(bad.reason)
            text.raw("}")
        }
        text.raw("]}\n")
        return text.bytes
    }

    /// `{"error":…}`.
    static func error(_ message: String) -> [UInt8] {
        var text = JSONWriter()
        text.raw("{\"error\":")
        text.string(message)
        text.raw("}\n")
        return text.bytes
    }
}
