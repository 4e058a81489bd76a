import PerchModel
import Synchronization

/// What a snapshot reads: a block in memory, or a file on the disk.
enum EventPart: Sendable {
    case block(EventBlock)
    case file(sequence: UInt64, minTime: Int64, maxTime: Int64)

    var minTime: Int64 {
        switch self {
        case .block(let block): block.minTime
        case .file(_, let minTime, _): minTime
        }
    }

    var maxTime: Int64 {
        switch self {
        case .block(let block): block.maxTime
        case .file(_, _, let maxTime): maxTime
        }
    }
}

/// The rows of the write log's files, in memory as far as the budget allows.
///
/// The files are in the order of the log. All but the newest are sealed, and the blocks of the
/// oldest go first when the budget is full; their rows are then read from the disk.
final class EventHead: Sendable {
    private struct File {
        let sequence: UInt64
        var blocks: [EventBlock] = []
        var byteCount = 0
        var rowCount = 0
        var minTime = Int64.max
        var maxTime = Int64.min
        /// Whether `blocks` are all rows of the file.
        var isInMemory = true
        /// Where the block of each dataset is that still grows, by the dataset's number.
        var growing: [Dataset: Int] = [:]
    }

    private struct State {
        var files: [File] = []
        var byteCount = 0
        var hasNewFile = false
    }

    private let state = Mutex(State())
    private let byteCountMax: Int

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// Makes the rows of a durable batch visible.
    ///
    /// Called in the order of the log.
    func add(_ batch: EventBatch, file sequence: UInt64) {
        let byteCount = batch.byteCount
        state.withLock { state in
            if state.files.last?.sequence != sequence {
                state.files.append(File(sequence: sequence))
                state.hasNewFile = true
            }
            let last = state.files.count - 1
            Self.add(batch, byteCount: byteCount, to: &state.files[last])
            state.byteCount += byteCount
            evict(&state)
        }
    }

    /// Registers a file that stays on the disk, newer than all before.
    func addFileOnDisk(sequence: UInt64, rowCount: Int, minTime: Int64, maxTime: Int64) {
        state.withLock { state in
            var file = File(sequence: sequence)
            file.isInMemory = false
            file.rowCount = rowCount
            file.minTime = minTime
            file.maxTime = maxTime
            state.files.append(file)
        }
    }

    /// Forgets a file and answers how many rows it had.
    func remove(file sequence: UInt64) -> Int {
        state.withLock { state in
            guard let index = state.files.firstIndex(where: { $0.sequence == sequence }) else {
                return 0
            }
            state.byteCount -= state.files[index].byteCount
            return state.files.remove(at: index).rowCount
        }
    }

    /// The parts that may hold rows of a query.
    func snapshot(_ dataset: Dataset, _ times: Range<Int64>) -> [EventPart] {
        guard !times.isEmpty else { return [] }
        return state.withLock { state in
            var parts: [EventPart] = []
            for file in state.files
            where file.minTime < times.upperBound && file.maxTime >= times.lowerBound {
                guard file.isInMemory else {
                    parts.append(
                        .file(
                            sequence: file.sequence, minTime: file.minTime, maxTime: file.maxTime))
                    continue
                }
                for block in file.blocks
                where block.batch.dataset == dataset && block.minTime < times.upperBound
                    && block.maxTime >= times.lowerBound
                {
                    parts.append(.block(block))
                }
            }
            return parts
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
        let (minTime, maxTime) = EventBlock.range(of: batch)
        file.rowCount += batch.rowCount
        file.byteCount += byteCount
        file.minTime = min(file.minTime, minTime)
        file.maxTime = max(file.maxTime, maxTime)
        if let index = file.growing[batch.dataset],
            file.blocks[index].hasRoom(for: batch, byteCount: byteCount)
        {
            file.blocks[index].append(batch, byteCount: byteCount)
            return
        }
        if batch.rowCount < Limits.ownBlockRowCountMin {
            file.growing[batch.dataset] = file.blocks.count
        }
        file.blocks.append(EventBlock(batch))
    }

    private func evict(_ state: inout State) {
        guard state.byteCount > byteCountMax else { return }
        for index in state.files.indices.dropLast() where state.files[index].isInMemory {
            state.byteCount -= state.files[index].byteCount
            state.files[index].blocks = []
            state.files[index].growing = [:]
            state.files[index].byteCount = 0
            state.files[index].isInMemory = false
            if state.byteCount <= byteCountMax { return }
        }
    }
}
