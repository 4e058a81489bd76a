import PerchModel
import Synchronization

/// Where the batches that somebody follows stand in the log, and which files of it he may need
/// again.
final class FollowedLog: Sendable {
    private struct State {
        /// The newest record.
        var position = EventPosition.start
        var batchCount: UInt64 = 0
        /// By file, the last record that is followed.
        var lastRecords: [UInt64: UInt64] = [:]
        /// Whether `lastRecords` has the files that were there at the start.
        var isReplayed = false
        var isGivenUp = false
    }

    let follower: EventStore.Follower?
    private let state = Mutex(State())

    init(_ follower: EventStore.Follower?) {
        self.follower = follower
    }

    /// Notes a durable batch and answers its place, if its dataset is followed.
    ///
    /// Called in the order of the log.
    func take(_ dataset: Dataset, file: UInt64) -> EventArrival? {
        guard let follower else { return nil }
        return state.withLock { state in
            if state.position.file != file { state.position = EventPosition(file: file, record: 0) }
            state.position.record &+= 1
            guard dataset == follower.dataset else { return nil }
            state.lastRecords[file] = state.position.record
            defer { state.batchCount &+= 1 }
            return EventArrival(state.position, number: state.batchCount)
        }
    }

    /// Notes what the log had at the start: by file, the last record that is followed.
    func replayed(_ lastRecords: [UInt64: UInt64]) {
        state.withLock { state in
            state.lastRecords.merge(lastRecords) { max($0, $1) }
            state.isReplayed = true
        }
    }

    /// Whether the follower knows what was there at the start.
    var isReplayed: Bool { state.withLock { $0.isReplayed } }

    /// Keeps nothing for the follower any more.
    func giveUp() {
        state.withLock { $0.isGivenUp = true }
    }

    /// Whether the follower has what it needs of a file.
    func mayDrop(_ file: UInt64) -> Bool {
        guard let follower else { return true }
        let done = follower.needsAfter()
        return state.withLock { state in
            if state.isGivenUp { return true }
            guard state.isReplayed else { return false }
            state.lastRecords = state.lastRecords.filter {
                EventPosition(file: $0.key, record: $0.value) > done
            }
            return state.lastRecords[file] == nil
        }
    }
}

/// A place that the log's thread finds out and a task waits for.
final class ArrivalBox: Sendable {
    let arrival = Mutex<EventArrival?>(nil)
}
