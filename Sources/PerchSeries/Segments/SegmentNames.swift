import PerchFiles

/// The names of a store's segments on the disk; also in docs/format/series-segment.md.
enum SegmentNames {
    /// The folder of the segments, within that of the store.
    static let folder = "segments"
    /// Ends the name of a segment.
    static let suffix = ".seg"
    /// Ends the name of a file that could not be read and is out of use.
    static let damagedSuffix = ".damaged"
    /// The list of deletions.
    static let deletions = "DELETIONS"

    static func name(_ sequence: UInt64) -> String {
        let digits = String(sequence, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + suffix
    }

    /// The sequence number in a name, or nil for any other name.
    static func sequence(of name: String) -> UInt64? {
        guard name.hasSuffix(suffix), name.utf8.count == 16 + suffix.utf8.count,
            let sequence = UInt64(name.dropLast(suffix.count), radix: 16),
            Self.name(sequence) == name
        else { return nil }
        return sequence
    }
}
