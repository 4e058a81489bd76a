import PerchBytes

/// Reads the records of one write-log file, in order, a window at a time.
///
/// The rule for damage is one for all files: whatever is not an intact record is passed over, up to
/// the next multiple of eight where one stands. What nothing intact follows is the torn tail.
struct WriteLogScanner {
    private let file: any ReadableFile
    private let byteCount: Int
    private let recordByteCountMax: Int
    private var window: [UInt8] = []
    private var windowStart = 0

    /// Reads up to `byteCount`: of the file that is being written, only what is durable.
    init(file: any ReadableFile, byteCount: Int, recordByteCountMax: Int) {
        self.file = file
        self.byteCount = byteCount
        self.recordByteCountMax = recordByteCountMax
    }

    /// The file's header.
    mutating func header() throws -> WriteLogFileHeader {
        let count = min(WriteLogFraming.headerByteCount, byteCount)
        return try WriteLogFileHeader.decode(Array(bytes(at: 0, count: count)))
    }

    /// Hands over every intact payload.
    mutating func scan(
        _ header: WriteLogFileHeader, _ body: (ArraySlice<UInt8>, WriteLogSummary) throws -> Void
    ) throws -> WriteLogReplayReport {
        var report = WriteLogReplayReport()
        report.endOffset = WriteLogFraming.headerByteCount
        var offset = report.endOffset
        // Counted apart until an intact record follows: else they are the torn tail.
        var strangeByteCount = 0
        var strangeRecordCount = 0
        while offset <= byteCount - WriteLogFraming.recordHeaderByteCount {
            guard let record = try record(at: offset, header) else {
                let zeros = try zeroByteCount(at: offset)
                if zeros < WriteLogFraming.alignment {
                    strangeByteCount += WriteLogFraming.alignment
                }
                offset += max(zeros, WriteLogFraming.alignment)
                continue
            }
            let start = offset + WriteLogFraming.recordHeaderByteCount
            let payload = try bytes(at: start, count: record.payloadByteCount)
            offset += WriteLogFraming.framedByteCount(payload: record.payloadByteCount)
            guard CRC32C.checksum(payload) == record.payloadChecksum else {
                strangeRecordCount += 1
                continue
            }
            report.damagedByteCount += strangeByteCount
            report.skippedRecordCount += strangeRecordCount
            strangeByteCount = 0
            strangeRecordCount = 0
            try body(payload, record.summary)
            report.recordCount += 1
            report.summary.add(record.summary)
            report.endOffset = min(offset, byteCount)
        }
        if try !endsWithMark(header, at: report.endOffset) {
            report.tornByteCount = strangeByteCount
            report.tornRecordCount = strangeRecordCount
        }
        report.message = Self.message(report, header)
        return report
    }

    /// The header of a record that starts here and fits, or nil.
    private mutating func record(
        at offset: Int, _ file: WriteLogFileHeader
    ) throws -> WriteLogRecordHeader? {
        let bytes = try bytes(at: offset, count: WriteLogFraming.recordHeaderByteCount)
        return WriteLogRecordHeader.decode(
            bytes, fileOffset: offset, file: file,
            payloadByteCountMax: min(
                recordByteCountMax, byteCount - offset - WriteLogFraming.recordHeaderByteCount))
    }

    /// Whether the last record ends with the mark that everything before it was written.
    private mutating func endsWithMark(
        _ file: WriteLogFileHeader, at offset: Int
    ) throws -> Bool {
        guard file.isReused else { return false }
        let count = min(WriteLogFraming.endMarkByteCount, byteCount - offset)
        return try count <= 0 || ZeroBytes.count(bytes(at: offset, count: count)) == count
    }

    /// Where the next mark of an end stands; the end of the file if there is none.
    mutating func endMark(from start: Int) throws -> Int {
        var offset = start
        while offset <= byteCount - WriteLogFraming.endMarkByteCount {
            let mark = try bytes(at: offset, count: WriteLogFraming.endMarkByteCount)
            if ZeroBytes.count(mark) == mark.count { return offset }
            offset += WriteLogFraming.alignment
        }
        return byteCount
    }

    /// Whether there is nothing but zeros from `start` on.
    mutating func isZero(from start: Int) throws -> Bool {
        var offset = start
        while offset < byteCount {
            let count = min(Limits.scanWindowByteCount, byteCount - offset)
            guard try ZeroBytes.count(bytes(at: offset, count: count)) == count else {
                return false
            }
            offset += count
        }
        return true
    }

    /// How many bytes from `offset` on are zero: whole alignments, and no further than the window.
    ///
    /// No record begins in them: a header's first four bytes are the length of its payload, which
    /// is not zero.
    private mutating func zeroByteCount(at offset: Int) throws -> Int {
        _ = try bytes(at: offset, count: WriteLogFraming.alignment)
        let count = ZeroBytes.count(window[(offset - windowStart)...])
        return count / WriteLogFraming.alignment * WriteLogFraming.alignment
    }

    /// Bytes that the caller knows to be inside `byteCount`; the window is read anew if needed.
    private mutating func bytes(at offset: Int, count: Int) throws -> ArraySlice<UInt8> {
        if offset < windowStart || offset + count > windowStart + window.count {
            let wanted = min(max(count, Limits.scanWindowByteCount), byteCount - offset)
            window = try file.read(at: offset, byteCount: wanted)
            windowStart = offset
            guard window.count >= count else {
                throw FileFailure(
                    code: .other, message: "the file ended at byte \(offset + window.count)")
            }
        }
        let start = offset - windowStart
        return window[start..<(start + count)]
    }

    private static func message(
        _ report: WriteLogReplayReport, _ header: WriteLogFileHeader
    ) -> String? {
        let name = FileNames.writeLog(sequence: header.sequence)
        if report.isDamaged {
            return """
                \(name) is damaged: \(report.skippedRecordCount) records and \
                \(report.damagedByteCount) bytes between intact records could not be read
                """
        }
        if report.tornByteCount > 0 || report.tornRecordCount > 0 {
            return "\(name) ends with \(report.tornByteCount) bytes of an unfinished write"
        }
        return nil
    }
}
