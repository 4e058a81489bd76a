import HTTPTypes
import Hummingbird

/// Whatever goes wrong in the shop, with the status that a visitor sees.
struct ShopFailure: Error, CustomStringConvertible {
    /// A short name that programs read.
    let code: String
    let description: String
    let status: HTTPResponse.Status

    init(_ code: String, _ description: String, status: HTTPResponse.Status) {
        self.code = code
        self.description = description
        self.status = status
    }
}

/// Failures answer with their code and message as JSON.
extension ShopFailure: HTTPResponseError {
    func response(from request: Request, context: some RequestContext) throws -> Response {
        var response = try Answer(error: code, message: description)
            .response(from: request, context: context)
        response.status = status
        return response
    }

    private struct Answer: ResponseEncodable {
        let error: String
        let message: String
    }
}

extension HTTPResponse.Status {
    /// 402, which the shop uses for declined payments.
    static let declined = HTTPResponse.Status(code: 402, reasonPhrase: "Payment Required")
}

extension HTTPField.Name {
    static var shopID: Self { HTTPField.Name(parsed: "x-shop-id") ?? .via }
}
