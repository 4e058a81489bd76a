import PerchAPI
import PerchEvents
import PerchIngest
import PerchModel
import PerchSeries

extension ServerState {
    /// The metrics that the middleware does not count.
    func writeMetrics(_ text: inout Exposition) {
        text.family(MetricNames.buildInfo, "gauge", "Always 1; the version is a label.")
        text.sample(MetricNames.buildInfo, [("version", PerchVersion.current)], 1)
        text.family(MetricNames.startTime, "gauge", "When the server started, since 1970.")
        text.sample(MetricNames.startTime, [], Double(startNanos) / 1e9)
        let usage = ProcessUsage.current
        text.family(MetricNames.residentMemory, "gauge", "Resident memory.")
        text.sample(MetricNames.residentMemory, [], Double(usage.residentByteCount))
        text.family(MetricNames.openFiles, "gauge", "Open file descriptors.")
        text.sample(MetricNames.openFiles, [], Double(usage.openFileCount))
        text.family(MetricNames.cpuSeconds, "counter", "User and system time spent.")
        text.sample(MetricNames.cpuSeconds, [], usage.cpuSeconds)
        writeIngest(&text)
        writeScrapes(&text)
        text.family(MetricNames.tailReaders, "gauge", "Readers of the live tail.")
        text.sample(MetricNames.tailReaders, [], Double(tail.readerCount))
        text.family(
            MetricNames.tailDropped, "counter", "Records that slow readers of the tail lost.")
        text.sample(MetricNames.tailDropped, [], Double(tail.droppedCount))
        writeStores(&text)
    }

    private func writeIngest(_ text: inout Exposition) {
        let counts = pipeline.counters.snapshot
        text.family(MetricNames.ingested, "counter", "Records taken, by door.")
        for count in counts where count.reason == nil {
            text.sample(
                MetricNames.ingested, [("source", count.source.rawValue)], Double(count.count))
        }
        text.family(
            MetricNames.refused, "counter",
            "Records refused, by door and reason; a request refused whole counts as one.")
        for count in counts {
            guard let reason = count.reason else { continue }
            text.sample(
                MetricNames.refused,
                [("source", count.source.rawValue), ("reason", reason.rawValue)],
                Double(count.count))
        }
    }

    private func writeScrapes(_ text: inout Exposition) {
        let counters = scraper.counters
        func counter(_ name: String, _ help: String, _ value: Int) {
            text.family(name, "counter", help)
            text.sample(name, [], Double(value))
        }
        counter(MetricNames.scrapes, "Scrapes of targets.", counters.scrapes)
        counter(
            MetricNames.scrapeFailures, "Scrapes that brought nothing.", counters.failedScrapes)
        counter(
            MetricNames.scrapedSamples, "Samples left after relabeling.", counters.samples)
        counter(
            MetricNames.scrapeRefused, "Scraped samples that the store refused.",
            counters.refusedSamples)
        counter(
            MetricNames.scrapeStoreFailures, "Scrapes that the store could not write.",
            counters.failedAppends)
        counter(
            MetricNames.discoveryFailures, "Discoveries that gave no targets.",
            counters.discoveryFailures)
    }

    private func writeStores(_ text: inout Exposition) {
        let events = stores.events.stats
        let series = stores.series.stats
        func family(_ name: String, _ type: String, _ help: String, _ values: (Int, Int)) {
            text.family(name, type, help)
            text.sample(name, [("store", "events")], Double(values.0))
            text.sample(name, [("store", "series")], Double(values.1))
        }
        family(
            MetricNames.storeRows, "gauge", "Events and samples that a query can find.",
            (events.rowCount, series.sampleCount))
        family(
            MetricNames.storeDiskBytes, "gauge", "Bytes of files.",
            (events.byteCountOnDisk, series.byteCountOnDisk))
        family(
            MetricNames.storeMemoryBytes, "gauge", "Bytes of rows in memory, roughly.",
            (events.byteCountInMemory, series.byteCountInMemory))
        family(
            MetricNames.storeDeletedRows, "counter", "Rows removed by retention or disk limit.",
            (events.removedRowCount, series.removedSampleCount))
        family(
            MetricNames.storeDamagedRecords, "counter", "Records not readable at the start.",
            (events.skippedRecordCount, series.skippedRecordCount))
        family(
            MetricNames.storeDamagedSegments, "counter", "Segments set aside at the start.",
            (events.damagedSegmentCount, series.damagedSegmentCount))
        family(
            MetricNames.storeDamagedReads, "counter", "Parts of segments that were unreadable.",
            (events.damagedReadCount, series.damagedChunkCount))
        family(
            MetricNames.storeSegments, "gauge", "Segments.",
            (events.segmentCount, series.segmentCount))
        family(
            MetricNames.storeReplayedRows, "gauge", "Rows read from the write log at the start.",
            (events.replayedRowCount, series.replayedSampleCount))
        writeEvents(events, &text)
        writeSeries(series, &text)
    }

    private func writeEvents(_ stats: EventStoreStats, _ text: inout Exposition) {
        func one(_ name: String, _ type: String, _ help: String, _ value: Int) {
            text.family(name, type, help)
            text.sample(name, [], Double(value))
        }
        one(
            MetricNames.sampledSpans, "counter", "Spans left out by the sampling of traces.",
            stores.sampler.droppedRowCount)
        one(
            MetricNames.eventMerges, "counter", "Segments of events written anew.",
            stats.mergeCount)
        one(
            MetricNames.eventMergedBytes, "counter", "Bytes of such segments.",
            stats.mergedByteCount)
        one(
            MetricNames.eventDroppedRows, "counter",
            "Deleted or old events that were taken out of segments.", stats.droppedRowCount)
        one(
            MetricNames.eventOverflowValues, "counter",
            "Values in the field overflow: too many fields, or too long names.",
            stats.overflowValueCount)
        one(
            MetricNames.eventDeletions, "gauge", "Deletions that wait to be carried out.",
            stats.deletionCount)
        one(
            MetricNames.eventSetAsideBytes, "gauge", "Bytes of damaged segments kept aside.",
            stats.setAsideByteCount)
        text.family(
            MetricNames.eventBlockReads, "counter",
            "Blocks of events that reads looked at, by what came of it.")
        let reads = stats.blockReads
        for (outcome, count) in [
            ("empty", reads.empty), ("filtered", reads.filtered), ("joined", reads.joined),
            ("rows", reads.rows),
        ] {
            text.sample(MetricNames.eventBlockReads, [("outcome", outcome)], Double(count))
        }
    }

    private func writeSeries(_ stats: SeriesStoreStats, _ text: inout Exposition) {
        func one(_ name: String, _ type: String, _ help: String, _ value: Double) {
            text.family(name, type, help)
            text.sample(name, [], value)
        }
        one(
            MetricNames.seriesActive, "gauge", "Series written to lately.",
            Double(stats.seriesCount))
        text.family(
            MetricNames.seriesRefused, "counter", "Samples the store did not take, by reason.")
        for (reason, count) in [
            ("conflicting", stats.refusals.conflicting),
            ("metric_series_limit", stats.refusals.overMetricLimit),
            (
                "series_limit",
                stats.refusals.overSeriesLimit - stats.refusals.overMetricLimit
                    - stats.refusals.overTargetLimit
            ), ("target_series_limit", stats.refusals.overTargetLimit),
            ("too_far_ahead", stats.refusals.tooFarAhead), ("too_old", stats.refusals.tooOld),
        ] {
            text.sample(MetricNames.seriesRefused, [("reason", reason)], Double(count))
        }
        one(
            MetricNames.seriesDroppedExemplars, "counter", "Exemplars that were not kept.",
            Double(stats.droppedExemplarCount))
        one(
            MetricNames.seriesDeletions, "gauge", "Deletions that hide samples on the disk.",
            Double(stats.deletionCount))
        one(
            MetricNames.seriesFlushes, "counter", "Segments made of samples in memory.",
            Double(stats.flushCount))
        one(
            MetricNames.seriesFailedFlushes, "counter", "Tries of that which failed.",
            Double(stats.failedFlushCount))
        one(MetricNames.seriesMerges, "counter", "Merges of segments.", Double(stats.mergeCount))
        if let times = stats.times {
            one(
                MetricNames.seriesOldestTime, "gauge", "Time of the oldest sample.",
                Double(times.lowerBound) / 1e3)
            one(
                MetricNames.seriesNewestTime, "gauge", "Time of the newest sample.",
                Double(times.upperBound) / 1e3)
        }
        one(
            MetricNames.seriesReplaySeconds, "gauge", "How long the start read the write log.",
            Double(stats.replayNanos) / 1e9)
    }
}
