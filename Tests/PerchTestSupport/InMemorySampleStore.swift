package import PerchModel
import Synchronization

/// A sample store that keeps dictionaries in memory: the oracle of real stores.
package final class InMemorySampleStore: SampleSink, SampleSource {
    private struct Series {
        var samples: [Int64: Double] = [:]
        var histograms: [Int64: NativeHistogram] = [:]
        var exemplars: [Exemplar] = []
    }

    private struct State {
        var series: [Labels: Series] = [:]
        var metadata: [String: MetricMetadata] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package func append(_ batch: SampleBatch) async throws(StoreFailure) {
        state.withLock { state in
            for index in batch.times.indices {
                let labels = batch.labels(at: Int(batch.seriesIndexes[index]))
                let time = batch.times[index]
                if state.series[labels]?.samples[time] == nil {
                    state.series[labels, default: Series()].samples[time] = batch.values[index]
                }
            }
            for sample in batch.histograms {
                let labels = batch.labels(at: Int(sample.series))
                if state.series[labels]?.histograms[sample.timeMillis] == nil {
                    state.series[labels, default: Series()].histograms[sample.timeMillis] =
                        sample.histogram
                }
            }
            for var exemplar in batch.exemplars {
                let labels = batch.labels(at: Int(exemplar.series))
                exemplar.series = 0
                state.series[labels, default: Series()].exemplars.append(exemplar)
            }
            for metadata in batch.metadata { state.metadata[metadata.family] = metadata }
        }
    }

    package func metadata() async throws(StoreFailure) -> [MetricMetadata] {
        state.withLock { $0.metadata.values.sorted { $0.family < $1.family } }
    }

    package func read(_ query: SampleQuery) -> any SampleCursor {
        let all = state.withLock { $0.series }
        var chunks: [SeriesChunk] = []
        let matchers = query.matchers.map { ($0, Self.pattern($0)) }
        for (labels, series) in all
        where matchers.allSatisfy({ $0.0.matches(labels, matchesPattern: $0.1) }) {
            var chunk = SeriesChunk(labels: labels)
            chunk.times = series.samples.keys.filter { query.times.contains($0) }.sorted()
            chunk.values = chunk.times.map { series.samples[$0] ?? .nan }
            for (time, histogram) in series.histograms.sorted(by: { $0.key < $1.key })
            where query.times.contains(time) {
                chunk.histograms.append(
                    HistogramSample(series: 0, timeMillis: time, histogram: histogram))
            }
            chunk.exemplars = series.exemplars.filter { query.times.contains($0.timeMillis) }
            chunk.exemplars.sort { $0.timeMillis < $1.timeMillis }
            guard !(chunk.times.isEmpty && chunk.histograms.isEmpty && chunk.exemplars.isEmpty)
            else { continue }
            chunks.append(query.labelsOnly ? SeriesChunk(labels: labels) : chunk)
        }
        chunks.sort { $0.labels.bytes.lexicographicallyPrecedes($1.labels.bytes) }
        return Cursor(chunks: chunks.prefix(query.seriesLimit ?? .max))
    }

    /// Another engine than the one of real stores, so that both are checked.
    private static func pattern(_ matcher: LabelMatcher) -> (String) -> Bool {
        guard matcher.operation == .matches || matcher.operation == .notMatches,
            let regex = try? Regex(matcher.value)
        else { return { _ in false } }
        return { (try? regex.wholeMatch(in: $0)) != nil }
    }

    private struct Cursor: SampleCursor {
        var chunks: ArraySlice<SeriesChunk>

        mutating func next() async throws(StoreFailure) -> SeriesChunk? {
            guard !Task.isCancelled else { throw .cancelled }
            return chunks.popFirst()
        }
    }
}
