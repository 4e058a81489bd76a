import PerchFiles
import PerchModel
import Synchronization

/// The rows of the write log's files, in memory as far as the budget allows.
///
/// The files are in the order of the log. The blocks of the oldest go first when the budget is
/// full; their rows are then read from the disk. That may come to the newest too: what is added to
/// a file that is not in memory is only counted.
final class EventHead: Sendable {
    private struct File {
        let sequence: UInt64
        var blocks: [EventBlock] = []
        var byteCount = 0
        var rowCount = 0
        /// Nil where nobody has read the file yet.
        var times: [Dataset: EventTimes]? = [:]
        /// Of all rows; nil without rows.
        var allTimes: EventTimes?
        /// Whether `blocks` are all rows of the file.
        var isInMemory = true
        /// Whether it was begun by this process, so that nothing of it was read from the disk.
        var isOwn = false
        /// The same rows on the disk, once they were made a segment.
        var segment: EventSegment?
        /// The block of each dataset that still grows.
        var growing: [Dataset: Growing] = [:]

        init(_ sequence: UInt64) { self.sequence = sequence }

        init(of segment: EventSegment) {
            sequence = segment.sequence
            isInMemory = false
            rowCount = segment.rowCount
            times = segment.times
            allTimes = segment.times.values.reduce(into: nil) { all, times in
                all?.widen(times)
                all = all ?? times
            }
            self.segment = segment
        }
    }

    private struct Growing {
        var position: Int
        var index = EventBatchIndex()
    }

    private struct State {
        var files: [File] = []
        var byteCount = 0
        var hasNewFile = false
    }

    private let state = Mutex(State())
    private let byteCountMax: Int
    /// Bytes in memory from which a file is large enough.
    private let fileByteCountMax: Int

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
        fileByteCountMax = max(byteCountMax / 4, Limits.fileMemoryByteCountMin)
    }

    /// Registers a file, newer than all before.
    func begin(file sequence: UInt64) {
        state.withLock { state in
            // Only the newest file grows.
            if !state.files.isEmpty { state.files[state.files.count - 1].growing = [:] }
            state.files.append(File(sequence))
        }
    }

    /// Registers a file that stays on the disk, newer than all before.
    ///
    /// Without a summary, any time may be in it.
    func begin(fileOnDisk sequence: UInt64, _ summary: WriteLogSummary?) {
        state.withLock { state in
            state.files.append(File(sequence))
            Self.leaveOnDisk(&state.files[state.files.count - 1], summary)
        }
    }

    /// Registers a segment, newer than all before.
    func begin(segment: EventSegment) {
        state.withLock { $0.files.append(File(of: segment)) }
    }

    /// Puts a segment in the place of some that stand side by side, or nothing; false if one of them
    /// is not there any more.
    func replace(_ sources: [EventSegment], with merged: EventSegment?) -> Bool {
        state.withLock { state in
            guard let first = state.files.firstIndex(where: { $0.segment === sources.first }),
                first + sources.count <= state.files.count
            else { return false }
            let range = first..<(first + sources.count)
            guard zip(state.files[range], sources).allSatisfy({ $0.segment === $1 }) else {
                return false
            }
            for file in state.files[range] { state.byteCount -= file.byteCount }
            state.files.replaceSubrange(range, with: merged.map { [File(of: $0)] } ?? [])
            return true
        }
    }

    /// All files, oldest first, with the segments that hold their rows.
    var places: [(sequence: UInt64, segment: EventSegment?, isInMemory: Bool)] {
        state.withLock { $0.files.map { ($0.sequence, $0.segment, $0.isInMemory) } }
    }

    /// Whether rows are left on which a deletion was not carried out.
    func isConcerned(by deletion: EventDeletion) -> Bool {
        state.withLock { state in
            state.files.contains { file in
                if let segment = file.segment { return deletion.concerns(segment) }
                let range = file.times.map { $0[deletion.dataset] } ?? file.allTimes
                return range.map {
                    deletion.concerns(
                        deletion.dataset, $0, sequence: file.sequence, appliedDeletion: 0)
                } ?? false
            }
        }
    }

    /// Reads a file's rows from its segment from now on, and lets those in memory go: columns of a
    /// segment are quicker to count, and the page cache has what is read often.
    ///
    /// False if the file was removed meanwhile.
    func put(_ segment: EventSegment) -> Bool {
        state.withLock { state in
            guard
                let index = state.files.firstIndex(where: { $0.sequence == segment.sequence })
            else { return false }
            state.files[index].segment = segment
            state.files[index].times = segment.times
            Self.letGo(index, &state)
            return true
        }
    }

    /// The segments, oldest first.
    var segments: [EventSegment] { state.withLock { $0.files.compactMap(\.segment) } }

    /// Makes the rows of a durable batch visible, and answers whether its file should end.
    ///
    /// Called in the order of the log.
    func add(_ batch: EventBatch, file sequence: UInt64) -> Bool {
        let byteCount = batch.byteCount
        return state.withLock { state in
            if state.files.last?.sequence != sequence {
                var file = File(sequence)
                file.isOwn = true
                state.files.append(file)
                state.hasNewFile = true
            }
            let last = state.files.count - 1
            Self.add(batch, byteCount: byteCount, to: &state.files[last])
            guard state.files[last].isInMemory else { return true }
            state.byteCount += byteCount
            let isLarge = state.files[last].byteCount > fileByteCountMax
            evict(&state)
            return isLarge
        }
    }

    /// Whether a file's rows are all in memory.
    func isInMemory(file sequence: UInt64) -> Bool {
        state.withLock { state in
            state.files.first { $0.sequence == sequence }?.isInMemory ?? false
        }
    }

    /// All rows of a file as they came, if they are still in memory.
    func rows(file: WriteLogFile) -> [EventBatch]? {
        state.withLock { state in
            guard let found = state.files.first(where: { $0.sequence == file.sequence }),
                found.isOwn, found.isInMemory, found.rowCount == file.summary?.rowCount
            else { return nil }
            return found.blocks.map(\.batch)
        }
    }

    /// Lets a file's rows go that are only partly loaded.
    func leaveOnDisk(file sequence: UInt64, _ summary: WriteLogSummary?) {
        state.withLock { state in
            guard let index = state.files.firstIndex(where: { $0.sequence == sequence }) else {
                return
            }
            state.byteCount -= state.files[index].byteCount
            Self.leaveOnDisk(&state.files[index], summary)
        }
    }

    private static func leaveOnDisk(_ file: inout File, _ summary: WriteLogSummary?) {
        file = File(file.sequence)
        file.isInMemory = false
        file.times = nil
        file.rowCount = summary?.rowCount ?? 0
        file.allTimes = summary.map { EventTimes(min: $0.minTime, max: $0.maxTime) } ?? .any
    }

    /// Forgets a file, and answers how many rows it had, and the segment that is not needed any more.
    ///
    /// Snapshots that have it keep it.
    func remove(file sequence: UInt64) -> (rowCount: Int, segment: EventSegment?) {
        let removed: File? = state.withLock { state in
            guard let index = state.files.firstIndex(where: { $0.sequence == sequence }) else {
                return nil
            }
            state.byteCount -= state.files[index].byteCount
            return state.files.remove(at: index)
        }
        return (removed?.rowCount ?? 0, removed?.segment)
    }

    /// The parts that may hold rows of a query.
    func snapshot(_ dataset: Dataset, _ times: Range<Int64>, _ log: WriteLog) -> EventSnapshot {
        state.withLock { state in
            var snapshot = EventSnapshot()
            var onDisk: [UInt64: EventTimes] = [:]
            for file in state.files {
                let range = file.times.map { $0[dataset] } ?? file.allTimes
                guard let range, range.overlaps(times) else { continue }
                guard file.isInMemory else {
                    if let segment = file.segment {
                        for block in segment.blocks
                        where block.dataset == dataset && block.times.overlaps(times) {
                            snapshot.parts.append(
                                EventPart(
                                    .segment(segment, block), dataset, sequence: file.sequence,
                                    times: block.times))
                        }
                        continue
                    }
                    onDisk[file.sequence] = range
                    continue
                }
                for block in file.blocks
                where block.batch.dataset == dataset && block.times.overlaps(times) {
                    snapshot.parts.append(
                        EventPart(
                            .block(block), dataset, sequence: file.sequence, times: block.times))
                }
            }
            if !onDisk.isEmpty {
                // Within the lock: a file is forgotten here before it is removed from the log.
                let hold = log.hold(Array(onDisk.keys))
                for file in hold.files {
                    snapshot.parts.append(
                        EventPart(
                            .file(file), dataset, sequence: file.sequence,
                            times: onDisk[file.sequence] ?? .any))
                }
                snapshot.hold = hold
            }
            return snapshot
        }
    }

    /// What is known of a file's times, for retention.
    func times(file sequence: UInt64) -> (byDataset: [Dataset: EventTimes]?, all: EventTimes?) {
        state.withLock { state in
            guard let file = state.files.first(where: { $0.sequence == sequence }) else {
                return ([:], nil)
            }
            return (file.times, file.allTimes)
        }
    }

    /// Notes what somebody read in a file of which it was not known.
    func learn(_ times: [Dataset: EventTimes], rowCount: Int, file sequence: UInt64) {
        state.withLock { state in
            guard
                let index = state.files.firstIndex(where: {
                    $0.sequence == sequence && $0.times == nil
                })
            else { return }
            state.files[index].times = times
            state.files[index].rowCount = rowCount
            state.files[index].allTimes = times.values.reduce(into: nil) { all, times in
                all?.widen(times)
                all = all ?? times
            }
        }
    }

    /// Whether a file was begun since the last call.
    func takeHasNewFile() -> Bool {
        state.withLock { state in
            defer { state.hasNewFile = false }
            return state.hasNewFile
        }
    }

    /// Rows that can be read, rows in memory, and bytes in memory.
    var counts: (rows: Int, rowsInMemory: Int, bytes: Int, filesOnDiskOnly: Int) {
        state.withLock { state in
            (
                state.files.reduce(0) { $0 + $1.rowCount },
                state.files.reduce(0) { $0 + ($1.isInMemory ? $1.rowCount : 0) },
                state.byteCount, state.files.count { !$0.isInMemory }
            )
        }
    }

    private static func add(_ batch: EventBatch, byteCount: Int, to file: inout File) {
        let times = EventTimes(of: batch)
        file.rowCount += batch.rowCount
        file.times?.widen(times, for: batch.dataset)
        file.allTimes?.widen(times)
        file.allTimes = file.allTimes ?? times
        guard file.isInMemory else { return }
        file.byteCount += byteCount
        // Only its position is copied: a copy of the index would be made whole when it grows.
        if let position = file.growing[batch.dataset]?.position,
            file.blocks[position].hasRoom(for: batch, byteCount: byteCount)
        {
            file.blocks[position].append(
                batch, byteCount: byteCount,
                &file.growing[batch.dataset, default: Growing(position: position)].index)
            return
        }
        if batch.rowCount < Limits.ownBlockRowCountMin {
            file.growing[batch.dataset] = Growing(position: file.blocks.count)
        }
        file.blocks.append(EventBlock(batch))
    }

    private func evict(_ state: inout State) {
        for index in state.files.indices where state.files[index].isInMemory {
            if state.byteCount <= byteCountMax { return }
            Self.letGo(index, &state)
        }
    }

    /// Lets a file's rows in memory go.
    private static func letGo(_ index: Int, _ state: inout State) {
        state.byteCount -= state.files[index].byteCount
        state.files[index].blocks = []
        state.files[index].growing = [:]
        state.files[index].byteCount = 0
        state.files[index].isInMemory = false
    }
}
