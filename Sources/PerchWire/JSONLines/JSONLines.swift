
/// Reads log records as JSON, one a line.
package enum JSONLines {
    /// Reads a body. Never fails because of a line; see ``JSONLinesResult``.
    package static func decode(
        _ body: [UInt8], options: JSONLinesOptions, receivedNanos: Int64
    ) throws(WireFailure) -> JSONLinesResult {
        throw .malformed("", atByte: 0)
    }
}
