/// An error that knows where it was thrown.
protocol LocatedError: Error {
    var origin: CallSite { get }
}

/// What telemetry says about an error.
struct ErrorReport: Sendable {
    let type: String
    let message: String
    let origin: CallSite?

    init(_ error: any Error) {
        type = String(reflecting: Swift.type(of: error))
        message = String(describing: error)
        origin = (error as? any LocatedError)?.origin
    }

    var attributes: Attributes {
        ["exception.type": .string(type), "exception.message": .string(message)]
    }
}
