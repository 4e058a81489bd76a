/// Why a search text could not be read, and where.
package struct SearchFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Characters before the place of the mistake.
    package var position: Int
    /// What stands there, quoted, or "the end".
    package var found: String
    /// What could stand there instead.
    package var expected: String

    package init(position: Int, found: String, expected: String) {
        self.position = position
        self.found = found
        self.expected = expected
    }

    package var description: String {
        "at character \(position + 1): expected \(expected), found \(found)"
    }
}
