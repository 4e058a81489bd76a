import Logging
import PerchFiles
import PerchModel

/// Fills the head at the start, from the newest files as far as the budget goes.
struct EventReplay: Sendable {
    private(set) var rowCount = 0
    private(set) var skippedRecordCount = 0
    private(set) var damagedByteCount = 0

    /// Ends the loading of a file that does not fit.
    private struct DoesNotFit: Error {}

    mutating func run(
        _ log: WriteLog, _ segments: [EventSegment], into head: EventHead, byteCountMax: Int,
        _ logger: Logger
    ) throws {
        var left = segments.sorted { $0.sequence > $1.sequence }
        // What is in a segment is not read from the log, if that still has it.
        let files = log.files.filter { file in
            !segments.contains { $0.origin.covers(file.sequence) }
        }
        let firstInMemory = Self.firstInMemory(files, byteCountMax: byteCountMax)
        for (index, file) in files.enumerated() {
            while let segment = left.last, segment.sequence < file.sequence {
                head.begin(segment: segment)
                left.removeLast()
            }
            if index < firstInMemory {
                head.begin(fileOnDisk: file.sequence, file.summary)
            } else {
                try load(file, log, into: head, logger)
            }
        }
        for segment in left.reversed() { head.begin(segment: segment) }
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

    /// Loads a file, or leaves it on the disk if it alone is more than the budget.
    private mutating func load(
        _ file: WriteLogFile, _ log: WriteLog, into head: EventHead, _ logger: Logger
    ) throws {
        var unreadableCount = 0
        var loadedRowCount = 0
        head.begin(file: file.sequence)
        let report: WriteLog.ReplayReport
        do {
            report = try log.replay(file: file.sequence) { payload in
                let batch: EventBatch
                do {
                    batch = try EventPayload.decode(payload)
                } catch {
                    unreadableCount += 1
                    return
                }
                guard batch.rowCount > 0 else { return }
                _ = head.add(batch, file: file.sequence)
                guard head.isInMemory(file: file.sequence) else { throw DoesNotFit() }
                loadedRowCount += batch.rowCount
            }
        } catch is DoesNotFit {
            head.leaveOnDisk(file: file.sequence, file.summary)
            return
        }
        rowCount += loadedRowCount
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
