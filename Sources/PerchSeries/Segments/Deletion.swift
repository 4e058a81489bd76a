import PerchModel

/// A deletion that was asked for: instantly invisible, gone with the next merge.
///
/// It concerns what was stored when it was asked for, not what comes later.
struct Deletion: Sendable, Equatable {
    /// Rises; a segment says up to which one it was rewritten.
    var number: UInt64
    /// The newest write-log file of that moment.
    var lastLog: UInt64
    var matchers: [LabelMatcher]
    var times: ClosedRange<Int64>

    /// Whether it may concern samples of a segment and was not carried out there.
    func applies(to header: SegmentHeader) -> Bool {
        header.lastLog <= lastLog && header.appliedDeletion < number
            && header.minTime <= times.upperBound && header.maxTime >= times.lowerBound
    }
}
