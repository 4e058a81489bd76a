/// What the times at which counters began say about resets.
enum StartTimes {
    /// Whether a counter was reset between two samples, given when each began to count.
    static func isReset(
        _ previousStart: Int64, _ previousTime: Int64, _ start: Int64, _ time: Int64
    ) -> Bool {
        guard start != 0, start < time, start >= previousTime else { return false }
        if start > previousTime { return true }
        // It began at the sample before: a reset for increments, none for a sum whose start is not
        // known, which the sample before tells apart.
        return previousStart <= previousTime && previousStart != 0
            && previousStart != previousTime
    }

    /// Whether a sample claims time that the one before it counted already.
    static func isOverlapping(
        _ previousStart: Int64, _ previousTime: Int64, _ start: Int64
    ) -> Bool {
        start != 0 && start < previousTime && start != previousStart
    }
}

extension WindowSeries {
    func isStartReset(_ index: Int) -> Bool {
        !startTimes.isEmpty
            && StartTimes.isReset(
                startTimes[index - 1], times[index - 1], startTimes[index], times[index])
    }

    func isHistogramStartReset(_ index: Int) -> Bool {
        !histogramStartTimes.isEmpty
            && StartTimes.isReset(
                histogramStartTimes[index - 1], histogramTimes[index - 1],
                histogramStartTimes[index], histogramTimes[index])
    }
}

extension RangeKernel {
    /// Says where samples claim time that was counted already.
    mutating func noteOverlaps(
        _ series: WindowSeries, _ starts: [Int64], _ times: [Int64], _ range: Range<Int>
    ) {
        guard !starts.isEmpty else { return }
        let isOverlapping = range.dropFirst().contains {
            StartTimes.isOverlapping(starts[$0 - 1], times[$0 - 1], starts[$0])
        }
        guard isOverlapping else { return }
        annotations.add(
            .warning,
            "sample has start time that overlaps with previous sample timestamp for metric "
                + GoText.quote(series.metricName), place)
    }
}
