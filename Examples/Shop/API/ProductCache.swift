import Synchronization

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
    private let telemetry: Telemetry
    private let conditions: Conditions
    private let entry = Mutex<Entry?>(nil)

    init(store: ProductStore, telemetry: Telemetry, conditions: Conditions) {
        self.store = store
        self.telemetry = telemetry
        self.conditions = conditions
    }

    func products() async throws -> [Product] {
        try await telemetry.span(
            "cache products", attributes: ["cache.key": "products"]
        ) { span in
            let stampede = conditions.isActive(.cacheStampede)
            let now = telemetry.now
            let cached = entry.withLock { $0 }
            let hit = cached.map { !stampede && now - $0.filledAt < Self.keptNanoseconds } ?? false
            span["cache.hit"] = .bool(hit)
            telemetry.counter(
                .cacheLookups, add: 1, attributes: ["result": hit ? "hit" : "miss"])
            if hit, let cached { return cached.products }

            if stampede {
                telemetry.log(
                    .warn, "Product cache is empty, asking the database",
                    attributes: ["cache.key": "products"])
                await rankProducts()
            }
            let products = try await store.all()
            entry.withLock { $0 = Entry(products: products, filledAt: telemetry.now) }
            return products
        }
    }

    /// What a cold cache costs: the ranking that the cached list spares.
    private func rankProducts() async {
        await telemetry.span("rank products") { _ in
            await conditions.work(for: .milliseconds(Int.random(in: 250...900)))
        }
    }
}
