import PerchModel

/// The range of the times of some rows, both ends in it.
struct EventTimes: Sendable, Equatable {
    private(set) var min: Int64
    private(set) var max: Int64

    init(min: Int64, max: Int64) {
        self.min = min
        self.max = max
    }

    /// Of a batch with rows.
    init(of batch: EventBatch) {
        var low = Int64.max
        var high = Int64.min
        for time in batch.times {
            low = Swift.min(low, time)
            high = Swift.max(high, time)
        }
        self.init(min: low, max: high)
    }

    /// Nobody knows.
    static let any = EventTimes(min: .min, max: .max)

    mutating func widen(_ other: EventTimes) {
        min = Swift.min(min, other.min)
        max = Swift.max(max, other.max)
    }

    /// Whether all of it lies in a range.
    func lies(within range: Range<Int64>) -> Bool {
        range.lowerBound <= min && max < range.upperBound
    }

    func overlaps(_ range: Range<Int64>) -> Bool {
        !range.isEmpty && min < range.upperBound && max >= range.lowerBound
    }
}

extension [Dataset: EventTimes] {
    mutating func widen(_ times: EventTimes, for dataset: Dataset) {
        self[dataset, default: times].widen(times)
    }
}
