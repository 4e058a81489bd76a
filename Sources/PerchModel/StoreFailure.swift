/// Why a store could not take or give something.
///
/// The doors map each case to an answer.
package enum StoreFailure: Error, Sendable, Equatable {
    /// The file system is full or below the reserve. Refuse with 503; it may pass.
    case noSpace(String)
    /// Too much waits to be written. Refuse with 503 and Retry-After; it will pass.
    case overloaded(String)
    /// A write or sync failed, so nothing more is taken until a restart. Refuse with 503.
    case failed(String)
    /// The store is stopping. Refuse with 503.
    case closed
    /// The reader's task was cancelled.
    case cancelled
    /// A single batch is over a limit. Refuse with 413.
    case tooLarge(String)
}
