/// What a replay of one file met.
package struct WriteLogReplayReport: Sendable, Equatable {
    /// Records whose payload was handed over.
    package var recordCount = 0
    /// Records that were passed over because their payload's checksum is wrong.
    package var skippedRecordCount = 0
    /// Bytes between intact records in which no record could be made out.
    package var damagedByteCount = 0
    /// Bytes after the last intact record that are neither a record nor zeros.
    package var tornByteCount = 0
    /// Records after the last intact one whose payload's checksum is wrong.
    package var tornRecordCount = 0
    /// What is wrong, for a person; nil if nothing is.
    package var message: String?
    /// Where the last intact record ends.
    package var endOffset = 0
    /// What the intact records say they hold.
    package var summary = WriteLogSummary(rowCount: 0, minTime: 0, maxTime: 0)

    package init() {}

    /// Whether something that was once written could not be read.
    package var isDamaged: Bool { skippedRecordCount > 0 || damagedByteCount > 0 }

    /// A file whose header cannot be read: nothing in it can be told from noise.
    static func unreadable(_ file: WriteLogFile) -> WriteLogReplayReport {
        var report = WriteLogReplayReport()
        report.damagedByteCount = file.byteCount
        report.message =
            "\(FileNames.writeLog(sequence: file.sequence)) has no intact header: its "
            + "\(file.byteCount) bytes are passed over"
        return report
    }

    /// In bytes that were synced there is no unfinished write: what ends them is damage.
    mutating func countTailAsDamage(_ file: WriteLogFile) {
        guard tornByteCount > 0 || tornRecordCount > 0 else { return }
        skippedRecordCount += tornRecordCount
        damagedByteCount += tornByteCount
        tornRecordCount = 0
        tornByteCount = 0
        message =
            "\(FileNames.writeLog(sequence: file.sequence)) is damaged up to its end: "
            + "\(skippedRecordCount) records and \(damagedByteCount) bytes could not be read"
    }
}
