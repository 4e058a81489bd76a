package import PerchModel

/// Why a query has no answer.
package enum QueryFailure: Error, Sendable, Equatable {
    /// The text is no query, or a parameter is wrong: `bad_data`, 400.
    case badData(String)
    /// The query cannot be carried out over this data, or is over a limit: `execution`, 422.
    case execution(String)
    /// The query ran too long: `timeout`, 503.
    case timeout(String)
    /// The asker went away: `canceled`, 499 or 503.
    case cancelled(String)
    /// The store could not give the samples: `internal`, 500 or 503.
    case storage(StoreFailure)

    /// The text that clients see.
    package var message: String {
        switch self {
        case .badData(let text), .execution(let text), .timeout(let text), .cancelled(let text):
            text
        case .storage(let failure): "expanding series: \(failure)"
        }
    }

    /// The word in `errorType`.
    package var kind: String {
        switch self {
        case .badData: "bad_data"
        case .execution: "execution"
        case .timeout: "timeout"
        case .cancelled: "canceled"
        case .storage: "internal"
        }
    }

    static let tooManySamples = QueryFailure.execution(
        "query processing would load too many samples into memory in query execution")
    static let duplicateSeries = QueryFailure.execution(
        "vector cannot contain metrics with the same labelset")
}
