/// Why a pattern was refused.
package struct RegexFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// RE2's reason, in the words of Go's regexp package and with the part it speaks of.
    package var message: String

    package init(message: String) {
        self.message = message
    }

    /// The text that clients of Prometheus know.
    package var description: String { "error parsing regexp: \(message)" }
}
