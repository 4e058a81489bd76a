import PerchModel
import PerchRegex
import Synchronization

/// The samples that a script has loaded.
final class ScriptStore: SampleSource {
    private struct Series {
        var samples: [Int64: Double] = [:]
        var histograms: [Int64: NativeHistogram] = [:]
        var starts: [Int64: Int64] = [:]
    }

    private let state = Mutex<[Labels: Series]>([:])

    func clear() { state.withLock { $0 = [:] } }

    /// Adds the points of a series; what is there already stays.
    func add(_ new: ScriptSeries, stepMillis: Int64) {
        state.withLock { all in
            var series = all[new.labels] ?? Series()
            for (index, point) in new.points.enumerated() {
                let time = Int64(index) * stepMillis
                if !new.startOffsets.isEmpty, let offset = new.startOffsets[index] {
                    series.starts[time] = series.starts[time] ?? time + offset
                }
                switch point {
                case .nothing: continue
                case .float(let value): series.samples[time] = series.samples[time] ?? value
                case .histogram(let histogram, _):
                    series.histograms[time] = series.histograms[time] ?? histogram
                }
            }
            all[new.labels] = series
        }
    }

    func metadata() async throws(StoreFailure) -> [MetricMetadata] { [] }

    func read(_ query: SampleQuery) -> any SampleCursor {
        let all = state.withLock { $0 }
        let matchers = query.matchers.map { matcher in
            (matcher, try? Regex(matcher.value))
        }
        var chunks: [SeriesChunk] = []
        for (labels, series) in all {
            let isWanted = matchers.allSatisfy { matcher, regex in
                matcher.matches(labels) { regex?.matchesFully($0) ?? false }
            }
            guard isWanted else { continue }
            let chunk = Self.chunk(labels, series, query.times)
            if !chunk.times.isEmpty || !chunk.histograms.isEmpty { chunks.append(chunk) }
        }
        chunks.sort { $0.labels.bytes.lexicographicallyPrecedes($1.labels.bytes) }
        return Cursor(chunks: chunks[...])
    }

    private static func chunk(
        _ labels: Labels, _ series: Series, _ times: ClosedRange<Int64>
    ) -> SeriesChunk {
        var chunk = SeriesChunk(labels: labels)
        for (time, value) in series.samples.sorted(by: { $0.key < $1.key })
        where times.contains(time) {
            chunk.times.append(time)
            chunk.values.append(value)
            if !series.starts.isEmpty { chunk.startTimes.append(series.starts[time] ?? 0) }
        }
        var previous: (time: Int64, histogram: NativeHistogram)?
        for (time, histogram) in series.histograms.sorted(by: { $0.key < $1.key }) {
            var histogram = histogram
            let isBroken = previous.map { before in
                series.samples.keys.contains { before.time < $0 && $0 < time }
            }
            histogram.resetHint = hint(
                histogram, after: isBroken == false ? previous?.histogram : nil)
            previous = (time, histogram)
            guard times.contains(time) else { continue }
            chunk.histograms.append(
                HistogramSample(series: 0, timeMillis: time, histogram: histogram))
            if !series.starts.isEmpty {
                chunk.histogramStartTimes.append(series.starts[time] ?? 0)
            }
        }
        return chunk
    }

    /// What Prometheus' store says about resets when it gives a histogram back: "none" within a
    /// chunk, which a reset or another layout ends, and nothing for the first of a chunk.
    private static func hint(
        _ histogram: NativeHistogram, after previous: NativeHistogram?
    ) -> NativeHistogram.ResetHint {
        if histogram.resetHint == .gauge { return .gauge }
        guard let previous, previous.resetHint != .gauge, !previous.isStaleMarker,
            !histogram.isStaleMarker, histogram.schema == previous.schema,
            histogram.zeroThreshold == previous.zeroThreshold,
            histogram.customBounds == previous.customBounds,
            !histogram.isReset(after: previous)
        else { return .unknown }
        return .notReset
    }

    private struct Cursor: SampleCursor {
        var chunks: ArraySlice<SeriesChunk>

        mutating func next() async throws(StoreFailure) -> SeriesChunk? {
            guard !Task.isCancelled else { throw .cancelled }
            return chunks.popFirst()
        }
    }
}
