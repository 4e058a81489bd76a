/// Where a batch stands in the write log of a store of events.
package struct EventPosition: Sendable, Hashable, Comparable {
    /// The log's file.
    package var file: UInt64
    /// Which record of the file, from 1 on; 0 is before all of them.
    package var record: UInt64

    /// Before everything.
    package static let start = EventPosition(file: 0, record: 0)

    package init(file: UInt64, record: UInt64) {
        self.file = file
        self.record = record
    }

    package static func < (left: EventPosition, right: EventPosition) -> Bool {
        (left.file, left.record) < (right.file, right.record)
    }
}

/// A batch's place among all that a store took since it was opened.
package struct EventArrival: Sendable, Hashable {
    package var position: EventPosition
    /// How many batches of its dataset came before it, in the order of the log.
    package var number: UInt64

    package init(_ position: EventPosition, number: UInt64) {
        self.position = position
        self.number = number
    }
}
