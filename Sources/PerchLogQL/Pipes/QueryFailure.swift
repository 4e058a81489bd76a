package import PerchModel

/// Why a question has no answer.
package enum QueryFailure: Error, Sendable, Equatable {
    case store(StoreFailure)
    /// It would take more memory than a question may have; the text says what to ask instead.
    case tooMuch(String)
}
