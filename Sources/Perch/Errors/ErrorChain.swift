/// An error and the errors that caused it (LOG-11).
enum ErrorChain {
    /// The error first, then its cause, and so on.
    static func errors(from error: any Error) -> [any Error] {
        var chain: [any Error] = [error]
        while chain.count < ErrorLimits.chainMax, let last = chain.last, let cause = cause(of: last)
        {
            chain.append(cause)
        }
        return chain
    }

    /// What an error says caused it, or an error that stands in one of its properties or in the
    /// values of its case.
    private static func cause(of error: any Error) -> (any Error)? {
        if let caused = error as? any CausedError { return caused.cause }
        return within(Mirror(reflecting: error), depth: 0)
    }

    private static func within(_ mirror: Mirror, depth: Int) -> (any Error)? {
        for child in mirror.children {
            if let cause = child.value as? any Error { return cause }
            let inner = Mirror(reflecting: child.value)
            // Optional properties, and cases with several values.
            guard depth < 2, inner.displayStyle == .optional || inner.displayStyle == .tuple
            else { continue }
            if let cause = within(inner, depth: depth + 1) { return cause }
        }
        return nil
    }

    /// An error as a report names it.
    static func failure(_ error: any Error) -> ErrorReport.Failure {
        let full = String(reflecting: Swift.type(of: error))
        var words = full.split(separator: ".", maxSplits: 1)
        let module = words.count == 2 ? String(words.removeFirst()) : nil
        return ErrorReport.Failure(
            type: words.first.map(String.init) ?? full, module: module,
            message: String(describing: error))
    }

    /// The code of the first error that has one.
    static func code(of chain: [any Error]) -> String? {
        for error in chain {
            if let coded = error as? any CodedError { return coded.code }
        }
        return nil
    }
}
