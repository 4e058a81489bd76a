import PerchModel

extension SampleBatch {
    /// Keeps the samples for which `isKept` says so, by their index.
    mutating func keepSamples(_ isKept: (Int) -> Bool) {
        let kept = times.indices.filter(isKept)
        guard kept.count < times.count else { return }
        seriesIndexes = kept.map { seriesIndexes[$0] }
        values = kept.map { values[$0] }
        times = kept.map { times[$0] }
    }

    /// Takes out the series without a sample, so that what was refused makes no series in a store.
    mutating func dropUnusedSeries() {
        var isUsed = [Bool](repeating: false, count: seriesCount)
        for series in seriesIndexes { isUsed[Int(series)] = true }
        for sample in histograms { isUsed[Int(sample.series)] = true }
        guard isUsed.contains(false) else { return }
        var bytes: [UInt8] = []
        var ends: [UInt32] = []
        var places = [UInt32](repeating: 0, count: seriesCount)
        for series in isUsed.indices where isUsed[series] {
            places[series] = UInt32(ends.count)
            bytes.append(contentsOf: seriesBytes[seriesRange(at: series)])
            ends.append(UInt32(bytes.count))
        }
        seriesBytes = bytes
        seriesEnds = ends
        for index in seriesIndexes.indices {
            seriesIndexes[index] = places[Int(seriesIndexes[index])]
        }
        for index in histograms.indices {
            histograms[index].series = places[Int(histograms[index].series)]
        }
        exemplars = exemplars.filter { isUsed[Int($0.series)] }
        for index in exemplars.indices {
            exemplars[index].series = places[Int(exemplars[index].series)]
        }
    }
}
