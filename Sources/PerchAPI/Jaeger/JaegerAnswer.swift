import HTTPTypes
import Hummingbird
import NIOCore
import PerchModel

/// The envelope of all of Jaeger's answers.
enum JaegerAnswer {
    /// What is told beside the data of an answer that is right.
    struct Notice {
        var message: String
        var traceID: String
    }

    /// `total` is zero for traces and dependencies, as Jaeger has it.
    static func response(
        total: Int = 0, notices: [Notice] = [], _ data: (inout [UInt8]) -> Void
    ) -> Response {
        var text = Array(#"{"data":["#.utf8)
        data(&text)
        text.append(contentsOf: #"],"total":\#(total),"limit":0,"offset":0,"errors":"#.utf8)
        if notices.isEmpty {
            text.append(contentsOf: "null".utf8)
        } else {
            for (index, notice) in notices.enumerated() {
                text.append(contentsOf: (index == 0 ? #"[{"msg":"# : #",{"msg":"#).utf8)
                JSONText.appendString(notice.message, to: &text)
                text.append(contentsOf: #","traceID":"\#(notice.traceID)"}"#.utf8)
            }
            text.append(UInt8(ascii: "]"))
        }
        text.append(contentsOf: "}\n".utf8)
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: text)))
    }

    /// An answer that is a list.
    static func list<Item>(
        _ items: [Item], total: Int = 0, notices: [Notice] = [],
        _ append: (Item, inout [UInt8]) -> Void
    ) -> Response {
        response(total: total, notices: notices) { text in
            for (index, item) in items.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                append(item, &text)
            }
        }
    }
}

/// Why a question of Jaeger's API is refused, in its shape.
struct JaegerFailure: Error, HTTPResponseError {
    var status: HTTPResponse.Status
    var message: String

    init(_ status: HTTPResponse.Status, _ message: String) {
        self.status = status
        self.message = message
    }

    /// What a store says may name files, so only its kind is told.
    init(store failure: StoreFailure) {
        switch failure {
        case .closed, .cancelled: self.init(.serviceUnavailable, "the server is stopping")
        case .overloaded: self.init(.serviceUnavailable, "the store is overloaded; try again")
        case .noSpace, .failed, .tooLarge:
            self.init(
                .internalServerError, "the store could not be read; see the server's log")
        }
    }

    func response(from request: Request, context: some RequestContext) -> Response {
        let error = #"[{"code":\#(status.code),"msg":\#(JSONText.string(message))}]"#
        let body = #"{"data":null,"total":0,"limit":0,"offset":0,"errors":\#(error)}"# + "\n"
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }
}
