/// Why a query in LogQL could not be read or answered, in Loki's words.
package enum LogQLFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text is no query; line and column count from 1, and are 0 where no place is at fault.
    case parse(message: String, line: Int, column: Int)
    /// What is asked for cannot be given as it is asked.
    case badRequest(String)
    /// A limit was reached while the query ran.
    case limit(String)
    /// Nobody waits for the answer any more, or the time for it is over.
    case cancelled
    /// The store could not give what is asked for.
    case storage(String)

    static func parse(_ message: String) -> LogQLFailure {
        .parse(message: message, line: 0, column: 0)
    }

    package var description: String {
        switch self {
        case .parse(let message, let line, let column):
            line == 0
                ? "parse error : \(message)"
                : "parse error at line \(line), col \(column): \(message)"
        case .badRequest(let message), .limit(let message), .storage(let message): message
        case .cancelled: "context canceled"
        }
    }
}
