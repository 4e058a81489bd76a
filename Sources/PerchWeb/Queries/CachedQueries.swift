import PerchDashboards
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
    private let variables: AnswerCache<VariableKey, VariableAnswer>
    private let now: @Sendable () -> Int64

    /// What a variable asks, over a range that is the same for half a minute.
    private struct VariableKey: Hashable, Sendable {
        var question: VariableQuestion
        var from: Int64
        var to: Int64
    }

    init(_ queries: PageQueries, now: @escaping @Sendable () -> Int64) {
        self.queries = queries
        self.now = now
        overviews = AnswerCache(now: now)
        services = AnswerCache(now: now)
        metricLists = AnswerCache(now: now)
        variables = AnswerCache(now: now)
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

    /// Every panel of a page asks for the values of all variables.
    func variable(
        _ question: VariableQuestion, _ range: PerchDashboards.TimeRange,
        _ answer: @escaping @Sendable () async -> VariableAnswer
    ) async -> VariableAnswer {
        let key = VariableKey(
            question: question, from: range.fromMillis / 30_000, to: range.toMillis / 30_000)
        let found = try? await variables.answer(key) { await answer() }
        return found ?? .failed("the store did not answer")
    }
}
