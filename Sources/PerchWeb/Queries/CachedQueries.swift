import PerchModel

/// The questions whose answers many readers share, and that cost too much to ask each time.
struct CachedQueries: Sendable {
    /// A range that ends now is the same question a little later.
    private enum Key: Hashable, Sendable {
        case relative(TimeRange.Relative)
        case absolute(Range<Int64>)

        init(_ range: TimeRange) {
            self = range.relative.map { .relative($0) } ?? .absolute(range.nanos)
        }
    }

    private let queries: PageQueries
    private let overviews: AnswerCache<Key, ServiceOverview>
    private let services: AnswerCache<Key, [String]>
    private let metricLists: AnswerCache<Key, [MetricEntry]>
    private let now: @Sendable () -> Int64

    init(_ queries: PageQueries, now: @escaping @Sendable () -> Int64) {
        self.queries = queries
        self.now = now
        overviews = AnswerCache(now: now)
        services = AnswerCache(now: now)
        metricLists = AnswerCache(now: now)
    }

    /// An empty answer is not kept: who waits for the first data sees it at once.
    func overview(_ range: TimeRange) async throws(StoreFailure) -> ServiceOverview {
        try await overviews.answer(Key(range), isWorthKeeping: { !$0.services.isEmpty }) {
            [queries, now] () async throws(StoreFailure) in
            try await queries.overview(range, now: now())
        }
    }

    func serviceNames(_ range: TimeRange) async throws(StoreFailure) -> [String] {
        try await services.answer(Key(range), isWorthKeeping: { !$0.isEmpty }) {
            [queries] () async throws(StoreFailure) in try await queries.serviceNames(range)
        }
    }

    func metrics(_ range: TimeRange) async throws(StoreFailure) -> [MetricEntry] {
        try await metricLists.answer(Key(range), isWorthKeeping: { !$0.isEmpty }) {
            [queries] () async throws(StoreFailure) in try await queries.metrics(range).metrics
        }
    }
}
