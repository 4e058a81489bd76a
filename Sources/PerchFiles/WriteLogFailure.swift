/// Why a write log could not take something.
///
/// The stores map each case to their own failure.
package enum WriteLogFailure: Error, Sendable, Equatable {
    /// The file system is full or below the reserve; it may pass.
    case noSpace(String)
    /// Too much waits to be written, or a file cannot be opened just now; it will pass.
    case overloaded(String)
    /// A write or sync failed, so nothing more is taken until a restart.
    case failed(String)
    /// The log is closed.
    case closed
    /// A single record is over the limit.
    case tooLarge(String)
}
