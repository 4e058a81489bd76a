/// Puts errors into a category by a prefix of their code or a part of their message (ERR-11).
public struct ErrorCategoryRule: Sendable, Hashable {
    /// What is looked at.
    public enum Test: Sendable, Hashable {
        /// The code begins so.
        case codePrefix(String)
        /// The message contains it, in any letter case.
        case messageContains(String)
    }

    /// What is looked at.
    public var test: Test
    /// What an error is then.
    public var category: String

    /// Makes a rule.
    public init(_ test: Test, _ category: String) {
        self.test = test
        self.category = category
    }

    /// The rules of an application that has none of its own.
    public static let defaults = [
        ErrorCategoryRule(.codePrefix("AUTH_"), "auth"),
        ErrorCategoryRule(.codePrefix("PIPELINE_"), "pipeline"),
        ErrorCategoryRule(.codePrefix("PAYMENT_"), "payment"),
        ErrorCategoryRule(.messageContains("timeout"), "timeout"),
        ErrorCategoryRule(.messageContains("rate limit"), "rate_limit"),
    ]

    /// What an error is that no rule fits.
    public static let unknown = "unknown"

    func fits(code: String?, message: String) -> Bool {
        switch test {
        case .codePrefix(let prefix): code?.hasPrefix(prefix) == true
        case .messageContains(let part): message.lowercased().contains(part.lowercased())
        }
    }
}

extension [ErrorCategoryRule] {
    /// The category of an error by the first rule that fits it.
    public func category(code: String?, message: String) -> String {
        first { $0.fits(code: code, message: message) }?.category ?? ErrorCategoryRule.unknown
    }
}

/// An error that has a code, such as `AUTH_EXPIRED`.
public protocol CodedError: Error {
    /// The code, the same for all errors of this kind.
    var code: String { get }
}

/// An error that tells which error caused it.
public protocol CausedError: Error {
    /// What caused it.
    var cause: (any Error)? { get }
}
