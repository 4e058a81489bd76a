import AsyncHTTPClient
import Instrumentation
import Logging
import Metrics
import Perch
import PerchTesting
import ServiceLifecycle
import Testing
import Tracing

private struct Order: Sendable {
    var id = "A7"
    var total = 12.5
}

private func load(_ id: String) async throws -> Order { Order(id: id) }
private func fetch() async throws {}
private func aggregate() async throws {}

private func snippetLogs(order: Order) {
    // begin
    let logger = Logger(label: "checkout")
    logger.info("Order placed", metadata: ["order_id": "\(order.id)", "shop_id": "nord"])
    // end
}

private func snippetError(order: Order) async {
    let logger = Logger(label: "checkout")
    // begin
    do {
        _ = try await load(order.id)
    } catch {
        logger.error("Order cannot be loaded", error: error, metadata: ["order_id": "\(order.id)"])
    }
    // end
}

private func snippetQuick(perch: PerchService, order: Order) {
    // begin
    let quick = perch.quickLogger("cache")
    quick.debug("Hit", metadata: ["key": "\(order.id)"])
    // end
}

private func snippetOptions() throws {
    // begin
    let perch = try Perch.bootstrap { options in
        options.logs.fields = .camelCase
        options.logs.redaction.deniedFields.insert("iban")
        options.logs.sampling.droppedRoutes = ["/health"]
        options.tracing.sampler = Sampler(ratio: 0.1)
        options.metrics.buckets["checkout_duration_seconds"] = [0.1, 0.5, 1, 5]
    }
    // end
    _ = perch
}

private func snippetRedaction(_ options: inout PerchOptions) {
    // begin
    var allowingMail = Redaction()
    allowingMail.masksEmail = false
    allowingMail.hashKey = "from the vault"
    options.logs.redactionByEvent["login"] = allowingMail
    // end
}

private func snippetMetrics() {
    // begin
    Counter(label: "carts", dimensions: [("shop", "nord")]).increment()
    Timer(label: "checkout.duration").recordMilliseconds(130)
    // end
}

private func snippetSpans(order: Order) async throws {
    // begin
    try await withSpan("load order") { span in
        span.attributes["order.id"] = order.id
        _ = try await load(order.id)
    }
    // end
}

private func snippetCalls(perch: PerchService) async throws {
    // begin
    let request = HTTPClientRequest(url: "http://payments.internal/charges")
    let response = try await perch.execute(request, timeout: .seconds(3), target: "payments")
    // end
    _ = response
}

private func snippetQueries(perch: PerchService) async throws {
    // begin
    let order = try await perch.operations.query(
        "SELECT", table: "orders", statement: "SELECT * FROM orders WHERE id = $1"
    ) {
        try await load("A7")
    }
    // end
    _ = order
}

private func snippetJobs() async throws {
    // begin
    try await Perch.job("nightly", schedule: "0 3 * * *") { job in
        try await job.step("fetch") { try await fetch() }
        try await job.step("aggregate") { try await aggregate() }
    }
    // end
}

private func snippetQueue(perch: PerchService) {
    // begin
    perch.jobs.watch(queue: "mail") {
        QueueCounts(waiting: 3, active: 1, completed: 120, failed: 0, oldestAge: .seconds(4))
    }
    // end
}

private func snippetHealth(perch: PerchService) {
    // begin
    perch.health.add(.postgres(host: "db.internal"))
    perch.health.add(.redis(host: "cache.internal"))
    perch.health.add(
        HealthCheck("migrations", kinds: [.startup]) { ["version": .number(12)] })
    // end
}

private func snippetBusiness(perch: PerchService, order: Order) {
    // begin
    perch.business.order(id: order.id, amount: order.total, currency: "EUR", shop: "nord")
    perch.business.payment(.created, id: "t-1", method: "card", amount: order.total)
    perch.business.payment(.confirmed, id: "t-1", method: "card")
    perch.security.loginFailed(code: "bad_password", user: "u-7", address: "203.0.113.9")
    perch.operations.cache("products", hit: true)
    // end
}

@Suite struct SnippetExampleTests {
    // begin
    @Test func anOrderIsTold() throws {
        let told = TelemetryRecorder()
        told.perch.business.order(id: "A7", amount: 12.5, currency: "EUR")
        try told.expectMetric(
            "orders_total", ["status": "completed", "channel": "web"], equals: 1)
        try told.expectLog("order", fields: ["order_id": "A7"])
        try told.expectNothing(contains: "@")
    }
    // end
}
