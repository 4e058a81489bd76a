/// Why a search text could not be read, and where.
package struct SearchFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Characters before the place of the mistake.
    package var position: Int
    /// What stands there, quoted, or "the end".
    package var found: String
    /// What could stand there instead.
    package var expected: String
    /// What was meant, where something near is known.
    package var hint: String?

    package init(position: Int, found: String, expected: String, hint: String? = nil) {
        self.position = position
        self.found = found
        self.expected = expected
        self.hint = hint
    }

    package var description: String {
        let text = "at character \(position + 1): expected \(expected), found \(found)"
        guard let hint else { return text }
        return text + "; did you mean \(hint)?"
    }

    /// The word among `words` that is at most two slips away from what was typed.
    static func nearest(to typed: String, among words: [String]) -> String? {
        let typed = Array(typed.lowercased().prefix(32))
        let allowed = typed.count < 4 ? 1 : 2
        let best = words.map { ($0, slips(typed, Array($0))) }.min { $0.1 < $1.1 }
        return best.flatMap { $0.1 <= allowed ? $0.0 : nil }
    }

    /// How many characters must be added, removed, replaced or swapped with their neighbour.
    private static func slips(_ left: [Character], _ right: [Character]) -> Int {
        var before: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var next = [row + 1]
            for column in right.indices {
                let isSame = left[row] == right[column]
                var best = min(
                    last[column + 1] + 1, next[column] + 1, last[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    best = min(best, before[column - 1] + 1)
                }
                next.append(best)
            }
            before = last
            last = next
        }
        return last[right.count]
    }
}
