/// The names on the disk.
///
/// Each also stands in docs/format/.
package enum FileNames {
    /// Held by the process that owns a data folder.
    package static let lock = "LOCK"
    /// Says which version of the layout a data folder has.
    package static let format = "FORMAT"
    /// Holds the copies that were asked for, a folder each.
    package static let snapshots = "snapshots"
    /// The list of a log's sealed files.
    package static let manifest = "MANIFEST"
    /// Ends the name of a file that is not finished; such a file may be removed at any start.
    package static let temporarySuffix = ".new"
    /// Ends the name of a copy of what was cut off a file: that name and this.
    package static let damagedSuffix = ".damaged"
    /// Ends the name of a removed write-log file that the next one is written into; such a file may
    /// be removed at any start.
    package static let spareSuffix = ".spare"
    /// Ends the name of a write-log file.
    package static let writeLogSuffix = ".log"

    /// The name of a write-log file: sixteen hex digits, so that names sort as numbers do.
    package static func writeLog(sequence: UInt64) -> String {
        let digits = String(sequence, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits + writeLogSuffix
    }

    /// The name of a write-log file that was removed and is kept for its room.
    package static func writeLogSpare(sequence: UInt64) -> String {
        writeLog(sequence: sequence) + spareSuffix
    }

    /// The sequence number in a write-log file's name, or nil for any other name.
    package static func writeLogSequence(of name: String) -> UInt64? {
        guard name.hasSuffix(writeLogSuffix), name.utf8.count == 16 + writeLogSuffix.utf8.count,
            let sequence = UInt64(name.dropLast(writeLogSuffix.count), radix: 16),
            writeLog(sequence: sequence) == name
        else { return nil }
        return sequence
    }
}
