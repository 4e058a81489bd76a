package import CoreMetrics
public import Tracing

/// What is offered to whom: stock, flags, experiments, API versions (INV-1, EXP-1, EXP-2, EXP-4,
/// SEG-4).
public struct Products: Sendable {
    let recorder: DomainRecorder

    /// Somebody looked at a product (TH-1): orders per view follow by query.
    public func viewed(
        sku: String, category: String = "default", channel: String = "web", user: String? = nil,
        shop: String? = nil
    ) {
        recorder.record(
            .view,
            [
                "sku": sku, "category": category, "channel": channel, "user_id": user,
                "shop_id": shop,
            ])
    }

    /// Stock of a category at a location (INV-1); a single item is not a label.
    public func stock(_ units: Int, category: String, location: String = "main") {
        recorder.record(
            .stock, ["category": category, "location": location],
            values: ["units": Double(units)])
    }

    /// How many items of a location are low (INV-1).
    public func lowStockItems(_ count: Int, location: String = "main") {
        recorder.record(.stock, ["location": location], values: ["low": Double(count)])
    }

    /// One item fell below its threshold (INV-1).
    public func lowStock(sku: String, units: Int, threshold: Int, category: String = "default") {
        recorder.record(
            .lowStock, ["sku": sku, "category": category],
            values: ["units": Double(units), "threshold": Double(threshold)])
    }

    /// A reservation was made, released, expired, … (INV-1).
    public func reservation(_ status: String, sku: String, order: String? = nil) {
        recorder.record(
            .reservation, ["status": status, "sku": sku, "order_id": order])
    }

    /// A feature flag was looked at (EXP-1).
    public func flag(_ flag: String, variant: String, user: String? = nil) {
        recorder.record(.flag, ["flag": flag, "variant": variant, "user_id": user])
    }

    /// Somebody was given a variant of an experiment (EXP-2); the span gets its id (EXP-4).
    public func assigned(
        _ experiment: String, variant: String, id: String? = nil, user: String? = nil,
        span: (any Span)? = nil
    ) {
        span?.attributes["experiment_id"] = id ?? experiment
        recorder.record(
            .assignment,
            [
                "experiment": experiment, "variant": variant, "experiment_id": id,
                "user_id": user,
            ])
    }

    /// Somebody with a variant reached a goal (EXP-2); the rate follows by query.
    public func converted(
        _ experiment: String, variant: String, goal: String = "purchase", id: String? = nil,
        user: String? = nil
    ) {
        recorder.record(
            .experimentConversion,
            [
                "experiment": experiment, "variant": variant, "goal": goal, "experiment_id": id,
                "user_id": user,
            ])
    }

    /// A request used a version of the API (SEG-4).
    public func apiVersion(_ version: String, isDeprecated: Bool) {
        recorder.record(
            .apiVersion, ["version": version, "deprecated": isDeprecated ? "true" : "false"])
    }

    /// A client sent a request (SEG-1, SEG-2).
    public func client(_ agent: UserAgent, isError: Bool = false) {
        recorder.record(.client, DomainEvent.fields(of: agent, isError: isError))
    }

    /// A request came from a region, such as a country's two letters (SEG-3).
    public func region(_ region: String) {
        recorder.record(.region, ["region": DomainEvent.region(region)])
    }
}

extension DomainEvent {
    fileprivate static func fields(of agent: UserAgent, isError: Bool) -> [String: String] {
        [
            "browser": agent.browser, "os": agent.system, "device": agent.device.rawValue,
            "outcome": isError ? "error" : "success",
        ]
    }

    /// What is no short word counts as `other`: a header could say anything.
    fileprivate static func region(_ region: String) -> String {
        let isWord =
            (1...12).contains(region.utf8.count)
            && region.utf8.allSatisfy { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a || $0 == 0x2d }
        return isWord ? region.uppercased() : "other"
    }

    /// The counter of ``client``, for one who keeps it.
    package static func clientCounter(
        in registry: MetricRegistry, _ agent: UserAgent, isError: Bool
    ) -> any FloatingPointCounterHandler {
        let fields = fields(of: agent, isError: isError)
        return counter(of: client, in: registry, fields)
    }

    /// The counter of ``region``.
    package static func regionCounter(
        in registry: MetricRegistry, _ name: String
    ) -> any FloatingPointCounterHandler {
        counter(of: self.region, in: registry, ["region": region(name)])
    }

    private static func counter(
        of event: DomainEvent, in registry: MetricRegistry, _ fields: [String: String]
    ) -> any FloatingPointCounterHandler {
        let labels = event.metrics.first?.labels ?? []
        return registry.makeFloatingPointCounter(
            label: event.metrics.first?.name ?? event.name,
            dimensions: labels.map { ($0, fields[$0] ?? "none") })
    }
}
