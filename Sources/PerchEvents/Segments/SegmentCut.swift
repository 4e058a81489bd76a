import PerchFiles
import PerchModel

/// Makes a segment of a sealed file of the log.
struct SegmentCut: Sendable {
    let log: WriteLog
    let folder: SegmentFolder
    /// Asked between records.
    let isStopped: @Sendable () -> Bool

    /// Why a file stays in the log.
    enum Failure: Error {
        /// Not everything in it could be read: the file keeps what somebody may still save.
        case damaged
        /// The store closes.
        case stopped
    }

    /// Blocks while it reads and writes.
    func cut(_ file: WriteLogFile) throws -> EventSegment {
        let path = folder.path(file.sequence)
        var writer = try SegmentWriter(files: folder.files, path: path, sequence: file.sequence)
        do {
            let report = try log.replay(held: file) { payload, _ in
                guard !isStopped() else { throw Failure.stopped }
                try writer.add(try EventPayload.decode(payload))
            }
            guard !report.isDamaged else { throw Failure.damaged }
            try writer.finish()
        } catch is EventPayloadFailure {
            writer.discard()
            throw Failure.damaged
        } catch {
            writer.discard()
            throw error
        }
        return try EventSegment(files: folder.files, path: path, sequence: file.sequence)
    }
}
