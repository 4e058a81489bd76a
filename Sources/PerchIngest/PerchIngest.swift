// PerchIngest: what stands between a door and a store.
//
// It takes a request's body and decides what of it is kept: decompress, decode, admit, append. It
// knows no HTTP (PerchAPI) and no store (it writes to the sinks of PerchModel).
//
// Read in this order: IngestPipeline, IngestDoor, IngestAnswer, Refusal, BodySource, InFlight,
// SampleIntake, Admission, SeriesLimits, DeltaToCumulative, DeltaSums, DeltaHistogram,
// FailureReports, IngestCounters. For scraping: Scrape/ScrapeSettings, RelabelRule, ScrapeTarget,
// ScrapeSchedule, ScrapeSeries, TargetScrape, ScrapePools, Scraper. For what is learnt of spans:
// SpanMetrics/SpanMetrics, SpanTally, SpanPositions, SpanKeyTable, SpanCounts, SpanSeries, ServiceGraph, SpanPairs,
// RestoredSpans, SpanCatalogue, ServiceCalls.
//
// Invariants
//   1. A success answer means that the sink has returned: what it tells is durable.
//   2. What is refused is counted by source and reason, and told to the sender.
//   3. The bytes of all requests are bounded from their first chunk until the sink has returned.
//   4. What a store says of its files goes to the log and never to a sender.
//
// Limits: Limits.swift, IngestLimits. Locks: each type has one of its own; only InFlight.Reservation holds its own and InFlight's.
