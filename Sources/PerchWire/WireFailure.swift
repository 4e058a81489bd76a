/// Why a request's body could not be read.
package enum WireFailure: Error, Sendable, Equatable {
    /// The bytes are not what the protocol says; nothing was taken.
    ///
    /// Refuse with 400.
    case malformed(String, atByte: Int)
    /// The body holds more than a limit allows; nothing was taken.
    ///
    /// Refuse with 413.
    case tooLarge(String)
}
