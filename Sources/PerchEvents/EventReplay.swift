import Logging
import PerchFiles
import PerchModel

/// Fills the head at the start, from the newest files as far as the budget goes.
struct EventReplay: Sendable {
    private(set) var rowCount = 0
    private(set) var skippedRecordCount = 0
    private(set) var damagedByteCount = 0

    mutating func run(
        _ log: WriteLog, into head: EventHead, byteCountMax: Int, _ logger: Logger
    ) throws {
        let files = log.files
        let firstInMemory = Self.firstInMemory(files, byteCountMax: byteCountMax)
        for (index, file) in files.enumerated() {
            if index < firstInMemory {
                // Without a summary, any time may be in it.
                let summary = file.summary
                head.addFileOnDisk(
                    sequence: file.sequence, rowCount: summary?.rowCount ?? 0,
                    minTime: summary?.minTime ?? .min, maxTime: summary?.maxTime ?? .max)
            } else {
                try load(file, log, into: head, logger)
            }
        }
        _ = head.takeHasNewFile()
    }

    /// The index of the oldest file to load: rows are loaded in the order of the log, so what fits
    /// is guessed from the files' sizes; the head drops what was too much.
    private static func firstInMemory(_ files: [WriteLogFile], byteCountMax: Int) -> Int {
        var index = files.count
        var byteCount = 0
        while index > 0 {
            byteCount += files[index - 1].byteCount * Limits.memoryPerLogByte
            guard byteCount <= byteCountMax || index == files.count else { break }
            index -= 1
        }
        return index
    }

    private mutating func load(
        _ file: WriteLogFile, _ log: WriteLog, into head: EventHead, _ logger: Logger
    ) throws {
        var unreadableCount = 0
        let report = try log.replay(file: file.sequence) { payload in
            do {
                let batch = try EventPayload.decode(payload)
                guard batch.rowCount > 0 else { return }
                rowCount += batch.rowCount
                head.add(batch, file: file.sequence)
            } catch {
                unreadableCount += 1
            }
        }
        skippedRecordCount += report.skippedRecordCount + unreadableCount
        damagedByteCount += report.damagedByteCount
        if report.isDamaged || unreadableCount > 0 {
            logger.error(
                "a log file is damaged; its readable rows are kept",
                metadata: [
                    "file": "\(file.sequence)",
                    "unreadable": "\(unreadableCount + report.skippedRecordCount)",
                    "detail": "\(report.message ?? "")",
                ])
        }
    }
}
