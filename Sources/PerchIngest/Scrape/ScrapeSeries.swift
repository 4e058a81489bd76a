import PerchModel
import PerchWire

/// The series of one target: what it exposes and what becomes of that.
///
/// A target answers with the same series in the same order, so the series that follows the one
/// before is looked at first, and labels are put together only for those that are new.
struct ScrapeSeries {
    private struct Entry {
        /// The bytes as the target gives them.
        var exposed: [UInt8]
        /// The bytes that are stored; nil when relabeling drops the series.
        var stored: [UInt8]?
        /// The scrape that had it last.
        var round: UInt64
        /// Whether it brought its own time then.
        var hasOwnTime = false
    }

    private let target: LabelSet
    private var job: ScrapeJob
    /// Stored bytes of series of another configuration, until the next scrape says whether they are
    /// still there.
    private var orphans: Set<[UInt8]> = []
    /// Stored bytes of the series that the last batch ended.
    private var ended: [[UInt8]] = []
    private var entries: [Entry] = []
    private var places: [[UInt8]: Int] = [:]
    private var successor = 0
    private var round: UInt64 = 0
    /// The stored bytes of the series of the target's own reports.
    private var reports: [Report: [UInt8]] = [:]
    /// Where those series stand in the batch that is being made, if they do.
    private var reportPlaces: [Report: UInt32] = [:]
    private var hasReported = false
    private(set) var metadataHash: UInt64?
    /// The hash of descriptions that need not come again; now and then they do all the same.
    var knownMetadataHash: UInt64? {
        round % ScrapeLimits.descriptionRounds == 0 ? nil : metadataHash
    }

    init(target: LabelSet, job: ScrapeJob) {
        self.target = target
        self.job = job
    }

    /// Takes another configuration: series get new labels at the next scrape, and those that have
    /// no successor end.
    mutating func change(_ job: ScrapeJob) {
        self.job = job
        orphans.formUnion(entries.compactMap(\.stored))
        entries = []
        places = [:]
        metadataHash = nil
    }

    /// Lets the next batch say again what the last one did: the store did not take it.
    mutating func takeBack() {
        metadataHash = nil
        orphans.formUnion(ended)
    }

    /// Makes the batch of a scrape out of an answer: relabeled samples, markers for the series that
    /// went, and the report's series.
    ///
    /// Changes nothing when it throws.
    mutating func batch(
        _ exposed: ExpositionResult, timeMillis: Int64, report: inout ScrapeReport
    ) throws(ScrapeFailure) -> SampleBatch {
        let old = self
        do {
            return try filled(exposed, timeMillis, &report)
        } catch {
            self = old
            throw error
        }
    }

    private mutating func filled(
        _ exposed: ExpositionResult, _ timeMillis: Int64, _ report: inout ScrapeReport
    ) throws(ScrapeFailure) -> SampleBatch {
        round += 1
        successor = 0
        var batch = SampleBatch()
        // Before all others, so that a limit of series does not take them.
        let wanted = Report.allCases.prefix(job.formats.reportsMore ? .max : Report.usualCount)
        for report in wanted { reportPlaces[report] = batch.addSeries(labels(of: report)) }
        defer { reportPlaces = [:] }
        var indexes = [UInt32?](repeating: nil, count: exposed.batch.seriesCount)
        var isKnown = [Bool](repeating: false, count: exposed.batch.seriesCount)
        report.scraped = exposed.batch.sampleCount + exposed.batch.histograms.count
        for sample in exposed.batch.times.indices {
            let series = Int(exposed.batch.seriesIndexes[sample])
            if !isKnown[series] {
                isKnown[series] = true
                indexes[series] = try add(
                    series, of: exposed.batch, to: &batch, &report,
                    hasOwnTime: exposed.hasOwnTime[sample])
            }
            guard let index = indexes[series] else { continue }
            batch.addSample(
                series: index, timeMillis: exposed.batch.times[sample],
                value: exposed.batch.values[sample])
            report.kept += 1
        }
        for (place, sample) in exposed.batch.histograms.enumerated() {
            let series = Int(sample.series)
            if !isKnown[series] {
                isKnown[series] = true
                indexes[series] = try add(
                    series, of: exposed.batch, to: &batch, &report,
                    hasOwnTime: exposed.histogramHasOwnTime[place])
            }
            guard let index = indexes[series] else { continue }
            var sample = sample
            sample.series = index
            batch.histograms.append(sample)
            report.kept += 1
        }
        guard job.bounds.samples == 0 || report.kept <= job.bounds.samples else {
            throw ScrapeFailure("sample limit exceeded")
        }
        for exemplar in exposed.batch.exemplars {
            guard let index = indexes[Int(exemplar.series)] else { continue }
            var exemplar = exemplar
            exemplar.series = index
            batch.exemplars.append(exemplar)
        }
        batch.metadata = exposed.batch.metadata
        metadataHash = exposed.metadataHash
        addMarkers(to: &batch, timeMillis)
        report.isUp = true
        add(report, to: &batch, timeMillis)
        return batch
    }

    /// The batch of a scrape that failed: the series end, and the report says why.
    mutating func batch(failed report: ScrapeReport, timeMillis: Int64) -> SampleBatch {
        round += 1
        var batch = SampleBatch()
        addMarkers(to: &batch, timeMillis)
        metadataHash = nil
        add(report, to: &batch, timeMillis)
        return batch
    }

    /// The batch that ends everything: the target is gone.
    mutating func end(timeMillis: Int64) -> SampleBatch {
        round += 1
        var batch = SampleBatch()
        addMarkers(to: &batch, timeMillis)
        if hasReported {
            let stale = Double(bitPattern: SampleBatch.staleMarkerBits)
            for report in Report.allCases where reports[report] != nil {
                add(report, stale, to: &batch, timeMillis)
            }
        }
        hasReported = false
        return batch
    }

    // MARK: Series

    private mutating func add(
        _ series: Int, of exposed: SampleBatch, to batch: inout SampleBatch,
        _ report: inout ScrapeReport, hasOwnTime: Bool
    ) throws(ScrapeFailure) -> UInt32? {
        let range = exposed.seriesRange(at: series)
        let place: Int
        if successor < entries.count,
            entries[successor].exposed.elementsEqual(exposed.seriesBytes[range])
        {
            place = successor
        } else {
            let bytes = Array(exposed.seriesBytes[range])
            if let known = places[bytes] {
                place = known
            } else {
                place = entries.count
                entries.append(
                    Entry(exposed: bytes, stored: try stored(bytes), round: 0))
                places[bytes] = place
                if entries[place].stored != nil { report.added += 1 }
            }
        }
        successor = place + 1
        entries[place].round = round
        entries[place].hasOwnTime = hasOwnTime
        guard let stored = entries[place].stored else { return nil }
        return batch.addSeries(Labels(canonical: stored))
    }

    /// The labels that a series is stored under, or nil when it is dropped.
    private func stored(_ exposed: [UInt8]) throws(ScrapeFailure) -> [UInt8]? {
        let own = LabelSet(Labels(canonical: exposed))
        try check(own)
        var labels = own
        var conflicts: [(name: String, value: String)] = []
        for (name, value) in target.sorted {
            let existing = own[name]
            if job.honorsLabels {
                if existing.isEmpty { labels[name] = value }
            } else {
                if !existing.isEmpty { conflicts.append((name, existing)) }
                labels[name] = value
            }
        }
        for (name, value) in conflicts.sorted(by: { $0.name.utf8.count < $1.name.utf8.count }) {
            var free = "exported_" + name
            while !labels[free].isEmpty { free = "exported_" + free }
            labels[free] = value
        }
        guard job.sampleRules.apply(to: &labels) else { return nil }
        guard !labels["__name__"].isEmpty else {
            throw ScrapeFailure("metric name is missing after relabeling")
        }
        guard !job.formats.isLegacy || labels.hasLegacyNames else {
            throw ScrapeFailure("invalid metric name or label names: \(labels["__name__"])")
        }
        try check(labels)
        return labels.labels.bytes
    }

    private func check(_ labels: LabelSet) throws(ScrapeFailure) {
        let bounds = job.bounds
        if bounds.labels > 0, labels.count > bounds.labels {
            throw ScrapeFailure(
                "label_limit exceeded (metric: \(labels["__name__"]), number of labels: "
                    + "\(labels.count), limit: \(bounds.labels))")
        }
        guard bounds.labelNameByteCount > 0 || bounds.labelValueByteCount > 0 else { return }
        for (name, value) in labels.sorted {
            if bounds.labelNameByteCount > 0, name.utf8.count > bounds.labelNameByteCount {
                throw ScrapeFailure("label_name_length_limit exceeded (label name: \(name))")
            }
            if bounds.labelValueByteCount > 0, value.utf8.count > bounds.labelValueByteCount {
                throw ScrapeFailure("label_value_length_limit exceeded (label name: \(name))")
            }
        }
    }

    /// A marker for each series that the round before had and this one has not; forgets those.
    private mutating func addMarkers(to batch: inout SampleBatch, _ timeMillis: Int64) {
        ended = []
        guard !orphans.isEmpty || entries.contains(where: { $0.round != round }) else { return }
        let stale = Double(bitPattern: SampleBatch.staleMarkerBits)
        let current = round
        let stillThere = Set(entries.lazy.filter { $0.round == current }.compactMap(\.stored))
        for entry in entries where entry.round != round {
            guard let stored = entry.stored, !stillThere.contains(stored),
                !entry.hasOwnTime || job.tracksTimesStaleness
            else { continue }
            let series = batch.addSeries(Labels(canonical: stored))
            batch.addSample(series: series, timeMillis: timeMillis, value: stale)
            ended.append(stored)
        }
        for stored in orphans.subtracting(stillThere) {
            let series = batch.addSeries(Labels(canonical: stored))
            batch.addSample(series: series, timeMillis: timeMillis, value: stale)
            ended.append(stored)
        }
        orphans = []
        entries.removeAll { $0.round != round }
        places = [:]
        for place in entries.indices { places[entries[place].exposed] = place }
    }

    // MARK: Reports

    private enum Report: String, CaseIterable {
        case up
        case duration = "scrape_duration_seconds"
        case scraped = "scrape_samples_scraped"
        case kept = "scrape_samples_post_metric_relabeling"
        case added = "scrape_series_added"
        case timeout = "scrape_timeout_seconds"
        case sampleLimit = "scrape_sample_limit"
        case bodyByteCount = "scrape_body_size_bytes"

        /// Those that stand first are always written.
        static let usualCount = 5
    }

    private mutating func add(
        _ report: ScrapeReport, to batch: inout SampleBatch, _ timeMillis: Int64
    ) {
        hasReported = true
        add(.up, report.isUp ? 1 : 0, to: &batch, timeMillis)
        add(.duration, Double(report.durationNanos) / 1e9, to: &batch, timeMillis)
        add(.scraped, Double(report.scraped), to: &batch, timeMillis)
        add(.kept, Double(report.kept), to: &batch, timeMillis)
        add(.added, Double(report.added), to: &batch, timeMillis)
        guard job.formats.reportsMore else { return }
        add(.timeout, Double(job.timeoutNanos) / 1e9, to: &batch, timeMillis)
        add(.sampleLimit, Double(job.bounds.samples), to: &batch, timeMillis)
        add(.bodyByteCount, Double(report.bodyByteCount), to: &batch, timeMillis)
    }

    private mutating func add(
        _ report: Report, _ value: Double, to batch: inout SampleBatch, _ timeMillis: Int64
    ) {
        let series = reportPlaces[report] ?? batch.addSeries(labels(of: report))
        batch.addSample(series: series, timeMillis: timeMillis, value: value)
    }

    private mutating func labels(of report: Report) -> Labels {
        if let known = reports[report] { return Labels(canonical: known) }
        var labels = target
        labels["__name__"] = report.rawValue
        reports[report] = labels.labels.bytes
        return labels.labels
    }
}
