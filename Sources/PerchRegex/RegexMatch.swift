/// Where a pattern and its groups matched, as offsets of bytes.
package struct RegexMatch: Sendable, Equatable {
    /// A start and an end for each group, group 0 being all of the match; -1 for a group without a
    /// part in it.
    package var offsets: [Int64]

    /// All of the match.
    package var range: Range<Int> { Int(offsets[0])..<Int(offsets[1]) }

    /// The range of a group, or nil when it has no part in the match or does not exist.
    package func range(of group: Int) -> Range<Int>? {
        guard group >= 0, group < offsets.count / 2, offsets[2 * group] >= 0 else { return nil }
        return Int(offsets[2 * group])..<Int(offsets[2 * group + 1])
    }
}
