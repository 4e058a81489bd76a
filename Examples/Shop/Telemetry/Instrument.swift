/// A metric of the demo.
struct Instrument: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case counter
        case upDownCounter
        case gauge
        case histogram(bounds: [Double])
    }

    let name: String
    let unit: String
    let description: String
    let kind: Kind
}

/// Every metric that the demo sends.
extension Instrument {
    /// The bounds that the HTTP conventions of OpenTelemetry give for seconds.
    private static let secondBounds = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ]

    static let serverDuration = Instrument(
        name: "http.server.request.duration", unit: "s",
        description: "Duration of HTTP server requests.", kind: .histogram(bounds: secondBounds))
    static let serverActive = Instrument(
        name: "http.server.active_requests", unit: "{request}",
        description: "Number of active HTTP server requests.", kind: .upDownCounter)
    static let clientDuration = Instrument(
        name: "http.client.request.duration", unit: "s",
        description: "Duration of HTTP client requests.", kind: .histogram(bounds: secondBounds))
    static let databaseDuration = Instrument(
        name: "db.client.operation.duration", unit: "s",
        description: "Duration of database client operations.",
        kind: .histogram(bounds: [0.001] + secondBounds))
    static let orders = Instrument(
        name: "shop.orders", unit: "{order}", description: "Orders placed.", kind: .counter)
    static let revenue = Instrument(
        name: "shop.revenue", unit: "EUR", description: "Revenue of orders placed.",
        kind: .counter)
    static let payments = Instrument(
        name: "shop.payments", unit: "{payment}", description: "Payments by method and outcome.",
        kind: .counter)
    static let cacheLookups = Instrument(
        name: "shop.cache.lookups", unit: "{lookup}",
        description: "Look-ups in the product cache by result.", kind: .counter)
    static let queueDepth = Instrument(
        name: "shop.queue.depth", unit: "{job}", description: "Jobs in the queue by state.",
        kind: .gauge)
    static let jobs = Instrument(
        name: "shop.jobs", unit: "{job}", description: "Job runs by outcome.", kind: .counter)
    static let jobDuration = Instrument(
        name: "shop.job.duration", unit: "s", description: "Duration of job runs.",
        kind: .histogram(bounds: secondBounds))
    static let dropped = Instrument(
        name: "shop.telemetry.dropped", unit: "{item}",
        description: "Telemetry given up because the collector was away or refused it.",
        kind: .counter)
}
