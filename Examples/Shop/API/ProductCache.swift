import Logging
import Perch
import Synchronization
import Tracing

/// Keeps the product list for a few seconds.
///
/// Nothing stops ten visitors from filling an empty cache at once: that is how a stampede begins,
/// and the demo has one now and then.
final class ProductCache: Sendable {
    private static let keptNanoseconds: Int64 = 10_000_000_000

    private struct Entry {
        let products: [Product]
        let filledAt: Int64
    }

    private let store: ProductStore
    private let perch: PerchService
    private let clock: NanosecondClock
    private let conditions: Conditions
    private let entry = Mutex<Entry?>(nil)

    init(
        store: ProductStore, perch: PerchService, conditions: Conditions,
        clock: @escaping NanosecondClock
    ) {
        self.store = store
        self.perch = perch
        self.conditions = conditions
        self.clock = clock
    }

    func products() async throws -> [Product] {
        try await perch.tracer.withSpan("cache products") { span in
            let stampede = conditions.isActive(.cacheStampede)
            let now = clock()
            let cached = entry.withLock { $0 }
            let hit = cached.map { !stampede && now - $0.filledAt < Self.keptNanoseconds } ?? false
            span.attributes["cache.hit"] = hit
            perch.operations.cache("products", hit: hit)
            if hit, let cached { return cached.products }

            if stampede {
                perch.logger("cache").warning(
                    "Product cache is empty, asking the database",
                    metadata: ["cache": "products"])
                await rankProducts()
            }
            let products = try await store.all()
            entry.withLock { $0 = Entry(products: products, filledAt: clock()) }
            perch.operations.cache("products", entries: products.count)
            return products
        }
    }

    /// What a cold cache costs: the ranking that the cached list spares.
    private func rankProducts() async {
        await perch.tracer.withSpan("rank products") { _ in
            await conditions.work(for: .milliseconds(Int.random(in: 250...900)))
        }
    }
}
