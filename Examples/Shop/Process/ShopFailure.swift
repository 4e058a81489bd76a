import HTTPTypes

/// Whatever goes wrong in the shop, with the status that a visitor sees.
struct ShopFailure: LocatedError, ExpectedOutcome, CustomStringConvertible {
    /// A short name that programs read.
    let code: String
    let description: String
    let status: HTTPResponse.Status
    let origin: CallSite

    /// One name a code, so that error tracking keeps different failures apart.
    var typeName: String { "ShopFailure.\(code)" }

    /// The shop works, the visitor gets a no: not an error of the service.
    var isExpected: Bool { status.code < 500 }

    init(
        _ code: String, _ description: String, status: HTTPResponse.Status,
        file: String = #fileID, function: String = #function, line: Int = #line
    ) {
        self.code = code
        self.description = description
        self.status = status
        origin = CallSite(file: file, function: function, line: line)
    }
}

extension HTTPResponse.Status {
    /// 402, which the shop uses for declined payments.
    static let declined = HTTPResponse.Status(code: 402, reasonPhrase: "Payment Required")
}
