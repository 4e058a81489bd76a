import PerchModel
import Synchronization

/// What a reader needs of one moment.
struct SeriesSnapshot: Sendable {
    var series: [(ref: UInt32, labels: Labels)] = []
    var blocks: [SampleBlock] = []
    /// Blocks that were not sorted yet, to be read after `blocks`.
    var open: [OpenSamples] = []
    /// Files that are not in memory, older than all blocks.
    var filesOnDisk: [UInt64] = []
}

/// The series and the samples of the write log's files, in memory as far as the budget allows.
final class SeriesHead: Sendable {
    private struct File {
        let sequence: UInt64
        var blocks: [SampleBlock] = []
        var open = OpenSamples()
        var byteCount = 0
        var sampleCount = 0
        var minTime = Int64.max
        var maxTime = Int64.min
        var isInMemory = true
    }

    private struct State {
        var index: SeriesIndex
        /// Of each series the newest time in memory and the bits of its value.
        var lastTimes: [Int64] = []
        var lastBits: [UInt64] = []
        var files: [File] = []
        var byteCount = 0
        var hasNewFile = false
        var conflictCount = 0
        var metadata: [String: MetricMetadata] = [:]
    }

    private let state: Mutex<State>
    private let byteCountMax: Int

    init(byteCountMax: Int, seriesCountMax: Int, seed: UInt64) {
        self.byteCountMax = byteCountMax
        state = Mutex(State(index: SeriesIndex(countMax: seriesCountMax, seed: seed)))
    }

    /// The refs of a batch's series, or nil when it holds new ones over the limit.
    func resolve(_ batch: SampleBatch) -> [UInt32]? {
        state.withLock { state in
            var refs: [UInt32] = []
            refs.reserveCapacity(batch.seriesCount)
            var last: UInt32?
            for index in 0..<batch.seriesCount {
                guard
                    let ref = state.index.resolve(
                        batch.seriesBytes.span, batch.seriesRange(at: index), after: &last)
                else { return nil }
                refs.append(ref)
            }
            while state.lastTimes.count < state.index.count {
                state.lastTimes.append(.min)
                state.lastBits.append(0)
            }
            return refs
        }
    }

    /// Makes a durable batch visible.
    ///
    /// Called in the order of the log.
    ///
    /// `refs` are those of the batch's series; nil when its series indexes are refs already.
    func add(_ batch: SampleBatch, refs: [UInt32]?, file sequence: UInt64) {
        state.withLock { state in
            if state.files.last?.sequence != sequence {
                if let last = state.files.indices.last { Self.seal(&state.files[last]) }
                state.files.append(File(sequence: sequence))
                state.hasNewFile = true
            }
            let last = state.files.count - 1
            let before = state.files[last].byteCount
            Self.add(batch, refs, last, &state)
            state.byteCount += state.files[last].byteCount - before
            for metadata in batch.metadata
            where state.metadata.count < Limits.metadataCountMax
                || state.metadata[metadata.family] != nil
            {
                state.metadata[metadata.family] = metadata
            }
            evict(&state)
        }
    }

    private static func add(
        _ batch: SampleBatch, _ refs: [UInt32]?, _ file: Int, _ state: inout State
    ) {
        var open = state.files[file].open
        state.files[file].open = OpenSamples()
        let before = open.byteCount
        for index in batch.times.indices {
            let series = batch.seriesIndexes[index]
            let ref = refs.map { $0[Int(series)] } ?? series
            let time = batch.times[index]
            let bits = batch.values[index].bitPattern
            if time == state.lastTimes[Int(ref)] {
                // The first sample of a time stays; a repeated one is what a retry sends.
                if bits != state.lastBits[Int(ref)] { state.conflictCount += 1 }
                continue
            }
            if time > state.lastTimes[Int(ref)] {
                state.lastTimes[Int(ref)] = time
                state.lastBits[Int(ref)] = bits
            }
            open.add(ref, time, batch.values[index])
            state.files[file].sampleCount += 1
        }
        for var sample in batch.histograms {
            if let refs { sample.series = refs[Int(sample.series)] }
            open.add(sample)
            state.files[file].sampleCount += 1
        }
        for var exemplar in batch.exemplars {
            if let refs { exemplar.series = refs[Int(exemplar.series)] }
            open.add(exemplar)
        }
        state.files[file].byteCount += open.byteCount - before
        state.files[file].minTime = min(state.files[file].minTime, open.minTime)
        state.files[file].maxTime = max(state.files[file].maxTime, open.maxTime)
        state.files[file].open = open
        if state.files[file].open.isFull { seal(&state.files[file]) }
    }

    private static func seal(_ file: inout File) {
        guard !file.open.isEmpty else { return }
        file.blocks.append(SampleBlock(file.open))
        file.open = OpenSamples()
    }

    private func evict(_ state: inout State) {
        guard state.byteCount > byteCountMax else { return }
        for index in state.files.indices.dropLast() where state.files[index].isInMemory {
            state.byteCount -= state.files[index].byteCount
            state.files[index].blocks = []
            state.files[index].byteCount = 0
            state.files[index].isInMemory = false
            if state.byteCount <= byteCountMax { return }
        }
    }

    /// Registers a file that stays on the disk, newer than all before.
    func addFileOnDisk(sequence: UInt64, sampleCount: Int, minTime: Int64, maxTime: Int64) {
        state.withLock { state in
            var file = File(sequence: sequence)
            file.isInMemory = false
            file.sampleCount = sampleCount
            file.minTime = minTime
            file.maxTime = maxTime
            state.files.append(file)
        }
    }

    /// Forgets a file and answers how many samples it had.
    func remove(file sequence: UInt64) -> Int {
        state.withLock { state in
            guard let index = state.files.firstIndex(where: { $0.sequence == sequence }) else {
                return 0
            }
            state.byteCount -= state.files[index].byteCount
            return state.files.remove(at: index).sampleCount
        }
    }

    /// What a query may need, as it is now.
    func snapshot(_ query: SampleQuery) -> SeriesSnapshot {
        state.withLock { state in
            var snapshot = SeriesSnapshot()
            snapshot.series = state.index.matching(query.matchers).map {
                ($0, state.index.labels(of: $0))
            }
            let times = query.times
            for file in state.files
            where file.minTime <= times.upperBound && file.maxTime >= times.lowerBound {
                guard file.isInMemory else {
                    snapshot.filesOnDisk.append(file.sequence)
                    continue
                }
                for block in file.blocks
                where block.minTime <= times.upperBound && block.maxTime >= times.lowerBound {
                    snapshot.blocks.append(block)
                }
                if !file.open.isEmpty { snapshot.open.append(file.open) }
            }
            return snapshot
        }
    }

    /// Everything known of metric families.
    var metadata: [MetricMetadata] {
        state.withLock { Array($0.metadata.values) }
    }

    /// Whether a file was begun since the last call.
    func takeHasNewFile() -> Bool {
        state.withLock { state in
            defer { state.hasNewFile = false }
            return state.hasNewFile
        }
    }

    /// What is held, for `/metrics`.
    var counts: (series: Int, samples: Int, bytes: Int, conflicts: Int, filesOnDiskOnly: Int) {
        state.withLock { state in
            (
                state.index.count, state.files.reduce(0) { $0 + $1.sampleCount }, state.byteCount,
                state.conflictCount, state.files.count { !$0.isInMemory }
            )
        }
    }
}
