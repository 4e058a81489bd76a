import HTTPTypes
import Hummingbird
import NIOCore
import PerchModel
import PerchPromQL

/// `{"status":"success","data":…}`, with warnings where there are some.
struct PrometheusAnswer {
    /// What an answer says when a limit of the asker cut it.
    static let truncated = "results truncated due to limit"

    private var text: [UInt8] = Array("{\"status\":\"success\",\"data\":".utf8)
    private var warnings: [String] = []

    /// Begins an answer whose `data` the closure writes.
    init(_ data: (inout [UInt8]) -> Void) {
        data(&text)
    }

    /// An answer whose data is a list of strings, at most `limit` of them.
    init(_ values: [String], limit: Int?) {
        self.init { text in
            text.list(values.prefix(limit ?? .max)) { JSONText.appendString($1, to: &$0) }
        }
        if let limit, values.count > limit { warnings.append(Self.truncated) }
    }

    /// Says something about the answer, at its end.
    mutating func warn(_ message: String) {
        warnings.append(message)
    }

    func response() -> Response {
        var text = text
        if !warnings.isEmpty {
            text.json(",\"warnings\":")
            text.list(warnings) { JSONText.appendString($1, to: &$0) }
        }
        text.json("}")
        return Self.response(text)
    }

    /// An answer whose data is fixed text.
    static func fixed(_ data: StaticString) -> Response {
        PrometheusAnswer { $0.json(data) }.response()
    }

    /// An answer that is complete.
    static func response(_ text: [UInt8]) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: text)))
    }
}

extension [UInt8] {
    /// Appends text that is JSON already.
    mutating func json(_ text: StaticString) {
        append(contentsOf: text.description.utf8)
    }

    /// Appends a string in quotes.
    mutating func jsonString(_ text: String) {
        JSONText.appendString(text, to: &self)
    }

    /// Appends a list whose elements the closure writes.
    mutating func list<Values: Sequence>(
        _ values: Values, _ element: (inout [UInt8], Values.Element) -> Void
    ) {
        json("[")
        var isFirst = true
        for value in values {
            if !isFirst { json(",") }
            isFirst = false
            element(&self, value)
        }
        json("]")
    }

    /// Appends an object whose values the closure writes.
    mutating func object<Value>(
        _ pairs: some Sequence<(name: String, value: Value)>,
        _ value: (inout [UInt8], Value) -> Void
    ) {
        json("{")
        var isFirst = true
        for pair in pairs {
            if !isFirst { json(",") }
            isFirst = false
            jsonString(pair.name)
            json(":")
            value(&self, pair.value)
        }
        json("}")
    }
}
