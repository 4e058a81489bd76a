import PerchModel

/// An instant vector selector: of each series, at each step, the newest sample that is not too old.
struct NewestWorker: SeriesWorker {
    let start: Int64
    let step: Int64
    let count: Int
    let lookback: Int64
    let content: SampleContent
    let allowsHistograms: Bool
    var annotations = Annotations()

    mutating func result(of chunk: SeriesChunk) throws(QueryFailure) -> StepSeries? {
        guard allowsHistograms || chunk.histograms.isEmpty else {
            throw .execution(
                "this should be an info metric, with float samples: "
                    + LabelText.braces(chunk.labels))
        }
        if content == .startTimes, chunk.startTimes.isEmpty, chunk.histogramStartTimes.isEmpty {
            return nil
        }
        return newest(chunk)
    }

    private func newest(_ chunk: SeriesChunk) -> StepSeries? {
        let times = chunk.times
        let values = chunk.values
        var result = StepSeries(labels: chunk.labels, count: count)
        var isEmpty = true
        // How many samples there are up to the time of the step.
        var floats = 0
        var histograms = 0
        for index in 0..<count {
            let time = start &+ step &* Int64(index)
            while floats < times.count, times[floats] <= time { floats += 1 }
            var newest = floats > 0 ? times[floats - 1] : .min
            var isFloat = floats > 0
            if !chunk.histograms.isEmpty {
                while histograms < chunk.histograms.count,
                    chunk.histograms[histograms].timeMillis <= time
                {
                    histograms += 1
                }
                if histograms > 0, chunk.histograms[histograms - 1].timeMillis > newest {
                    newest = chunk.histograms[histograms - 1].timeMillis
                    isFloat = false
                }
            }
            guard newest > time &- lookback, newest != .min else { continue }
            if isFloat {
                let value = values[floats - 1]
                if StepSeries.isAbsent(value) { continue }
                result.values[index] =
                    content == .values
                    ? value : Self.seconds(newest, chunk.startTimes, floats - 1, content)
            } else {
                let histogram = chunk.histograms[histograms - 1].histogram
                if histogram.isStaleMarker { continue }
                if content == .values {
                    result.set(histogram, index)
                } else {
                    result.values[index] = Self.seconds(
                        newest, chunk.histogramStartTimes, histograms - 1, content)
                }
            }
            isEmpty = false
        }
        return isEmpty ? nil : result
    }

    private static func seconds(
        _ time: Int64, _ starts: [Int64], _ index: Int, _ content: SampleContent
    ) -> Double {
        guard content == .startTimes else { return Double(time) / 1_000 }
        return starts.isEmpty ? 0 : Double(starts[index]) / 1_000
    }
}
