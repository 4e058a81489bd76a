package import PerchModel
import PerchPromQL
package import PerchWire

/// Everything of some series as OpenMetrics, family by family.
///
/// Staleness markers are left out, as the format has none. Native histograms, which it has not
/// either, are written as classic ones with the bounds of all their buckets.
package struct MetricsExport: Sendable {
    /// What is wanted.
    package struct Request: Sendable {
        /// Lists of matchers, of which one must hold as a whole; empty for everything.
        package var selectors: [[LabelMatcher]] = []
        package var times: ClosedRange<Int64> = .min ... .max
        package var escaping = ExpositionWriter.Escaping.allowUTF8

        package init() {}
    }

    /// One metric to write, after its family's description where it is the first of it.
    private struct Step {
        var family: MetricMetadata?
        var metric: String
    }

    private let samples: any SampleSource
    private let selectors: [[LabelMatcher]]
    private let times: ClosedRange<Int64>
    private var writer: ExpositionWriter
    /// What is still to be written, the next one last.
    private var steps: [Step] = []
    /// The answers for the metric being written, the next one last.
    private var cursors: [any SampleCursor] = []
    private var series: SeriesPosition?
    /// The series of the metric so far, where several selectors may find one.
    private var seen: Set<Labels> = []
    private var hasEnded = false

    /// Finds out what families there are.
    package init(
        _ request: Request, samples: any SampleSource, labels: any LabelSource
    ) async throws(StoreFailure) {
        self.samples = samples
        selectors = request.selectors.isEmpty ? [[]] : request.selectors
        times = request.times
        writer = ExpositionWriter(format: .openMetrics, escaping: request.escaping)
        var metrics: Set<String> = []
        for matchers in selectors {
            metrics.formUnion(
                try await labels.labelValues("__name__", matchers, times: times, limit: nil))
        }
        let sorted = ExpositionFamilies(
            metrics: Array(metrics), described: try await samples.metadata())
        for family in sorted.families {
            for (place, metric) in family.metrics.enumerated() {
                steps.append(Step(family: place == 0 ? family.metadata : nil, metric: metric))
            }
        }
        steps.reverse()
    }

    package var contentType: String { writer.contentType }

    /// The next piece of the text, or nil at the end.
    package mutating func next() async throws(StoreFailure) -> [UInt8]? {
        while writer.bytes.count < Limits.exportPieceByteCount, try await advance() {}
        guard !writer.bytes.isEmpty else { return nil }
        defer { writer.bytes = [] }
        return writer.bytes
    }

    /// Goes on by some samples, a series, or a metric; false at the end.
    private mutating func advance() async throws(StoreFailure) -> Bool {
        if series != nil {
            if series?.write(to: &writer) == true { series = nil }
        } else if var cursor = cursors.popLast() {
            if let found = try await cursor.next() {
                cursors.append(cursor)
                let isNew = selectors.count == 1 || seen.insert(found.labels).inserted
                if isNew { series = SeriesPosition(found) }
            }
        } else if let step = steps.popLast() {
            if let family = step.family { writer.family(family) }
            let name = LabelMatcher("__name__", .equal, step.metric)
            cursors = selectors.reversed().map {
                samples.read(SampleQuery(matchers: [name] + $0, times: times))
            }
            seen = []
        } else {
            guard !hasEnded else { return false }
            hasEnded = true
            writer.end()
        }
        return true
    }
}

/// A series that is being written, and how far that is.
private struct SeriesPosition {
    private let chunk: SeriesChunk
    private let histograms: [HistogramSample]
    private let classic: ClassicHistogram
    private var floatCount = 0
    private var exemplarCount = 0
    private var histogramCount = 0

    init(_ chunk: SeriesChunk) {
        self.chunk = chunk
        histograms = chunk.histograms.filter { !$0.histogram.isStaleMarker }
        classic = ClassicHistogram(histograms.map(\.histogram))
    }

    /// Writes some samples; true when there are no more.
    mutating func write(to writer: inout ExpositionWriter) -> Bool {
        if floatCount < chunk.times.count {
            writer.series(chunk.labels)
            let end = min(chunk.times.count, floatCount + Limits.exportPieceRowCount)
            while floatCount < end {
                writeFloat(to: &writer)
                floatCount += 1
            }
        } else if histogramCount < histograms.count {
            write(histograms[histogramCount], to: &writer)
            histogramCount += 1
        } else {
            return true
        }
        return false
    }

    private mutating func writeFloat(to writer: inout ExpositionWriter) {
        let (time, value) = (chunk.times[floatCount], chunk.values[floatCount])
        guard value.bitPattern != SampleBatch.staleMarkerBits else { return }
        // The newest that was made by the time of the sample: the format has room for one.
        var exemplar: Exemplar?
        while exemplarCount < chunk.exemplars.count,
            chunk.exemplars[exemplarCount].timeMillis <= time
        {
            exemplar = chunk.exemplars[exemplarCount]
            exemplarCount += 1
        }
        writer.sample(value, timeMillis: time, exemplar: exemplar)
    }

    private func write(_ sample: HistogramSample, to writer: inout ExpositionWriter) {
        let time = sample.timeMillis
        for (bound, count) in zip(classic.bounds, classic.counts(sample.histogram)) {
            writer.series(chunk.labels, suffix: "_bucket", le: bound)
            writer.sample(count, timeMillis: time)
        }
        writer.series(chunk.labels, suffix: "_bucket", le: .infinity)
        writer.sample(sample.histogram.count, timeMillis: time)
        writer.series(chunk.labels, suffix: "_count")
        writer.sample(sample.histogram.count, timeMillis: time)
        writer.series(chunk.labels, suffix: "_sum")
        writer.sample(sample.histogram.sum, timeMillis: time)
    }
}
