import PerchModel
import Synchronization

/// Writes batches on the log's thread: labels and descriptions only where the file lacks them.
final class SampleEncoder: Sendable {
    private struct State {
        /// What gave the refs.
        weak var index: HeadIndex?
        /// Of each ref the epoch in which it was last defined.
        var epochs: [UInt64?] = []
        var metadata: [String: (epoch: UInt64, metadata: MetricMetadata)] = [:]
    }

    private let state = Mutex(State())

    func encode(
        _ batch: SampleBatch, refs: [UInt32], of index: HeadIndex, epoch: UInt64,
        into buffer: inout [UInt8]
    ) {
        let (series, metadata) = state.withLock { state in
            if state.index !== index {
                // A ref may stand for another series now: all are defined anew.
                state.index = index
                state.epochs = []
            }
            return (Self.newSeries(refs, epoch, &state), Self.newMetadata(batch, epoch, &state))
        }
        SamplePayload.encode(
            batch, refs: refs, newSeries: series, metadata: metadata, into: &buffer)
    }

    private static func newSeries(
        _ refs: [UInt32], _ epoch: UInt64, _ state: inout State
    ) -> [Int] {
        var new: [Int] = []
        for index in refs.indices where refs[index] != HeadSeries.noRef {
            let ref = Int(refs[index])
            while ref >= state.epochs.count { state.epochs.append(nil) }
            guard state.epochs[ref] != epoch else { continue }
            state.epochs[ref] = epoch
            new.append(index)
        }
        return new
    }

    private static func newMetadata(
        _ batch: SampleBatch, _ epoch: UInt64, _ state: inout State
    ) -> [MetricMetadata] {
        batch.metadata.filter { metadata in
            if let known = state.metadata[metadata.family] {
                guard known.epoch != epoch || known.metadata != metadata else { return false }
            } else {
                guard state.metadata.count < Limits.metadataCountMax else { return false }
            }
            state.metadata[metadata.family] = (epoch, metadata)
            return true
        }
    }
}
