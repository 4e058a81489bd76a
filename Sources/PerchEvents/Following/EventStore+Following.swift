import PerchFiles
package import PerchModel

extension EventStore {
    /// Somebody who keeps something that is made of all rows of a dataset, as counts are, and stores
    /// up to which place of the log it has them.
    ///
    /// The log keeps what comes after that place, also when segments have the rows: a segment may
    /// have fewer, by sampling and deletions.
    package struct Follower: Sendable {
        package var dataset: Dataset
        /// Gets each batch once it is durable, from the task that added it: so not in the order of
        /// the log, which the arrival tells.
        package var take: @Sendable (EventBatch, EventArrival) -> Void
        /// The place up to which it needs nothing again.
        package var needsAfter: @Sendable () -> EventPosition

        package init(
            _ dataset: Dataset, take: @escaping @Sendable (EventBatch, EventArrival) -> Void,
            needsAfter: @escaping @Sendable () -> EventPosition
        ) {
            self.dataset = dataset
            self.take = take
            self.needsAfter = needsAfter
        }
    }

    /// The newest file of the log that left something, 0 without any.
    package var newestFile: UInt64 {
        max(log.files.last?.sequence ?? 0, head.segments.last?.sequence ?? 0)
    }

    /// Hands over the batches of the follower's dataset that the log had at the start after a place,
    /// in the order of the log.
    ///
    /// Called once; until then the log keeps all its files. Blocks while it reads the disk.
    package func replay(
        after position: EventPosition, _ body: (EventBatch, EventPosition) -> Void
    ) throws(StoreFailure) {
        guard let dataset = followed.follower?.dataset else { return }
        var lastRecords: [UInt64: UInt64] = [:]
        for file in log.files where file.sequence >= position.file {
            var place = EventPosition(file: file.sequence, record: 0)
            do {
                _ = try log.replay(file: file.sequence) { payload in
                    place.record += 1
                    guard EventPayload.dataset(of: payload) == dataset else { return }
                    lastRecords[place.file] = place.record
                    // What cannot be read was told of when the store was opened.
                    guard place > position, let batch = try? EventPayload.decode(payload) else {
                        return
                    }
                    body(batch, place)
                }
            } catch {
                throw .failed("\(error)")
            }
        }
        followed.replayed(lastRecords)
    }

    /// Lets the files of the log go that were kept for the follower alone, which has all it needs.
    package func endFollowing() async {
        // What was not counted again after the start is still needed.
        guard followed.isReplayed else { return }
        followed.giveUp()
        await turnstile.enter()
        defer { turnstile.leave() }
        await dropCutFiles()
    }

    /// Keeps nothing in the log for the follower any more.
    package func giveUpFollowing() {
        followed.giveUp()
    }
}
