import PerchModel

extension NativeHistogram {
    /// Whether a counter was reset between `previous` and this histogram.
    ///
    /// It was where a count is smaller, a bucket is gone, the resolution is finer or the zero
    /// bucket is narrower. What the sender says about it counts more than what the buckets show.
    func isReset(after previous: NativeHistogram) -> Bool {
        switch resetHint {
        case .reset: return true
        case .notReset: return false
        // A gauge is treated as a counter where a function for counters meets it.
        case .unknown, .gauge: break
        }
        if count < previous.count { return true }
        if usesCustomBounds {
            guard previous.usesCustomBounds else { return true }
            if customBounds != previous.customBounds { return isResetOverBounds(previous) }
        } else if previous.usesCustomBounds {
            return true
        }
        if schema > previous.schema || zeroThreshold < previous.zeroThreshold { return true }
        let (previousZeroCount, threshold) = previous.zeroCount(forThreshold: zeroThreshold)
        if threshold != zeroThreshold || zeroCount < previousZeroCount { return true }
        let before = previous.reduced(to: schema)
        return isReset(positive, before.positive) || isReset(negative, before.negative)
    }

    private func isReset(_ current: BucketList, _ previous: BucketList) -> Bool {
        var position = 0
        var hasStarted = usesCustomBounds || zeroThreshold == 0
        for (index, count) in zip(previous.indexes, previous.counts) {
            // These are part of the zero bucket by now.
            if !hasStarted, Self.exponentialBound(index, schema: schema) <= zeroThreshold {
                continue
            }
            hasStarted = true
            while position < current.indexes.count, current.indexes[position] < index {
                position += 1
            }
            let isThere = position < current.indexes.count && current.indexes[position] == index
            if isThere ? current.counts[position] < count : count != 0 { return true }
        }
        return false
    }

    private func isResetOverBounds(_ previous: NativeHistogram) -> Bool {
        let bounds = Self.commonBounds(customBounds, previous.customBounds)
        var after = [Double](repeating: 0, count: bounds.count + 1)
        var before = after
        for (position, target) in customTargets(bounds).enumerated() {
            after[target] += positiveCounts[position]
        }
        for (position, target) in previous.customTargets(bounds).enumerated() {
            before[target] += previous.positiveCounts[position]
        }
        return zip(after, before).contains { $0 < $1 }
    }
}
