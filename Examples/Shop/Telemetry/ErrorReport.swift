/// An error that knows its name and where it was thrown.
protocol LocatedError: Error {
    var typeName: String { get }
    var origin: CallSite { get }
}

/// What telemetry says about an error.
struct ErrorReport: Sendable {
    let type: String
    let message: String
    let origin: CallSite?

    init(_ error: any Error) {
        let located = error as? any LocatedError
        type = located?.typeName ?? String(reflecting: Swift.type(of: error))
        message = String(describing: error)
        origin = located?.origin
    }

    var attributes: Attributes {
        ["exception.type": .string(type), "exception.message": .string(message)]
    }
}
