import PerchModel
import Synchronization

/// Samples in memory by series: those of some write-log files, until they are in a segment.
///
/// One is added to, the others wait for their segment. Refs are those of `index`.
final class Memtable: Sendable {
    /// What of a series is visible to a reader.
    struct Mark: Sendable {
        var slots = SampleSlots.Mark.none
        var histogramCount = 0
        var exemplarCount = 0
    }

    /// What is said of all of it.
    struct Summary: Sendable {
        var sampleCount = 0
        var byteCount = 0
        /// Exemplars that were not taken, as too many are here.
        var droppedExemplarCount = 0
        var minTime = Int64.max
        var maxTime = Int64.min
        /// The write-log files it is of; 0 for none.
        var firstSequence: UInt64 = 0
        var lastSequence: UInt64 = 0
        /// When its first batch came, in milliseconds.
        var begunMillis: Int64?

        func overlaps(_ times: ClosedRange<Int64>) -> Bool {
            minTime <= times.upperBound && maxTime >= times.lowerBound
        }
    }

    let index: HeadIndex
    private let state: Mutex<MemtableState>

    init(index: HeadIndex, state: consuming sending MemtableState = MemtableState()) {
        self.index = index
        self.state = Mutex(state)
    }

    var summary: Summary { state.withLock { $0.summary } }

    /// Adds what is to be taken of a batch, whose series have `refs`.
    func add(
        _ batch: SampleBatch, refs: [UInt32], _ context: CommitContext, _ older: [Memtable]
    ) -> SampleRefusals {
        state.withLock { $0.add(batch, refs, context, older) }
    }

    /// The bits of a sample, or nil where there is none.
    func bits(of ref: UInt32, at time: Int64) -> UInt64? {
        state.withLock { $0.bits(of: ref, at: time) }
    }

    /// The state that a memtable begins with which comes after this one.
    func successor() -> MemtableState { state.withLock { $0.successor() } }

    /// Lets another sample take the place of the newest of some series, which was deleted.
    func forgetNewest(_ refs: [UInt32], _ times: ClosedRange<Int64>) {
        state.withLock { $0.forgetNewest(refs, times) }
    }

    /// The newest sample of each series, for series that get other refs.
    var newest: [MemtableState.Newest] { state.withLock { $0.newest } }

    /// Whether a series has anything here.
    func holds(_ ref: UInt32) -> Bool { state.withLock { !$0.mark(ref).isEmpty } }

    /// What is visible now of some series.
    func marks(_ refs: [UInt32]) -> [Mark] {
        state.withLock { state in refs.map { state.mark($0) } }
    }

    /// Adds the samples of a series up to a mark; nil for all.
    func gather(
        _ ref: UInt32, _ mark: Mark?, _ times: ClosedRange<Int64>, into chunk: inout SeriesChunk
    ) {
        let part = state.withLock { state in
            var part = SeriesChunk(labels: Labels(canonical: []))
            state.gather(ref, mark ?? state.mark(ref), times, into: &part)
            return part
        }
        chunk.append(part)
    }

    /// Whether a series has anything in a range.
    func hasAny(_ ref: UInt32, _ mark: Mark, _ times: ClosedRange<Int64>) -> Bool {
        state.withLock { $0.hasAny(ref, mark, times) }
    }
}

extension Memtable.Mark {
    var isEmpty: Bool { slots.slot == 0 && histogramCount == 0 && exemplarCount == 0 }
}

/// Where and when a batch became durable.
struct CommitContext: Sendable {
    /// Above all refs of the batch.
    var refCount: Int
    /// The file of the write log that the batch stands in.
    var sequence: UInt64
    /// The clock, for the age of a memtable.
    var nowMillis: Int64
}

extension SeriesChunk {
    /// Adds what is of another source behind what is here.
    mutating func append(_ other: SeriesChunk) {
        if times.isEmpty {
            (times, values) = (other.times, other.values)
        } else {
            times.append(contentsOf: other.times)
            values.append(contentsOf: other.values)
        }
        histograms.append(contentsOf: other.histograms)
        exemplars.append(contentsOf: other.exemplars)
    }

    var isEmpty: Bool { times.isEmpty && histograms.isEmpty && exemplars.isEmpty }
}
