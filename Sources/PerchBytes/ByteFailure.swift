/// Why bytes from outside could not be read.
///
/// Positions count from the start of what was given.
@frozen
@usableFromInline
package enum ByteFailure: Error, Equatable, Sendable {
    /// The bytes end before the value does.
    case truncated(atByte: Int)
    /// A varint of more than ten bytes, or one past 64 bits.
    case varintTooLong(atByte: Int)
    /// A count or length that the bytes at hand cannot hold, or that is over the caller's limit.
    case countTooLarge(atByte: Int)
    /// A value that the format does not allow here.
    case invalid(atByte: Int)
}
