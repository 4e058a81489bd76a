import Logging

/// Every kind of event that this SDK names, by domain.
///
/// `docs/conventions.md` shows the same rows, so that services in other languages can follow.
extension DomainEvent {
    /// All of them, in the order of the page.
    public static let all: [DomainEvent] =
        business + [login, security, ageVerification] + operations + products

    static let business: [DomainEvent] = [
        order, payment, paymentConfirmation, revenue, credits, signup, conversion, notification,
        automationRun, milestone, population, jobCost,
    ]
    static let operations: [DomainEvent] = [
        cacheLookup, cacheState, pool, query, rateLimit, degradation, offlineQueue, offlineSync,
        externalCall, externalState,
    ]
    static let products: [DomainEvent] = [
        view, reservation, stock, lowStock, flag, assignment, experimentConversion, apiVersion,
        client,
        region,
    ]

    // MARK: business

    static let order = DomainEvent(
        "order", fields: ["order_id", "user_id", "shop_id"],
        [
            Metric(.counter, "orders", ["status", "channel"]),
            Metric(.counter, "order_value", ["currency"], of: "amount"),
        ])
    static let payment = DomainEvent(
        "payment", fields: ["transaction_id", "user_id", "blockchain_tx_id"],
        [
            Metric(.counter, "payments", ["state", "method", "reason"]),
            Metric(.counter, "payment_amount", ["state", "currency"], of: "amount"),
        ])
    static let paymentConfirmation = DomainEvent(
        "payment_confirmation", level: nil, fields: ["transaction_id"],
        [
            Metric(
                .histogram, "payment_confirmation_seconds", ["method"], of: "delay",
                unit: "seconds")
        ])
    static let revenue = DomainEvent(
        "revenue", fields: ["user_id", "transaction_id"],
        [
            Metric(.counter, "revenue", ["type", "currency"], of: "amount"),
            Metric(.counter, "revenue_usd", ["type"], of: "amount_usd"),
        ])
    static let credits = DomainEvent(
        "credits_used", fields: ["user_id"],
        [Metric(.counter, "credits_used", ["type"], of: "amount")])
    static let signup = DomainEvent(
        "signup", fields: ["user_id"], [Metric(.counter, "signups", ["method"])])
    static let conversion = DomainEvent(
        "conversion", fields: ["user_id"], [Metric(.counter, "conversions", ["type"])])
    static let notification = DomainEvent(
        "notification", fields: ["notification_id", "template", "user_id"],
        [Metric(.counter, "notifications", ["channel", "delivery_status"])])
    static let automationRun = DomainEvent(
        "automation_run", fields: ["automation_session_id", "run_id", "user_id"],
        [
            Metric(.counter, "automation_runs", ["state", "strategy"]),
            Metric(
                .histogram, "automation_run_seconds", ["strategy"], of: "duration",
                unit: "seconds"),
        ])
    static let milestone = DomainEvent(
        "milestone", fields: ["shop_id", "experiment_id"],
        [Metric(.counter, "milestones", ["kind"])])
    static let population = DomainEvent(
        "population", level: nil,
        [
            Metric(.gauge, "active_users", ["window"], of: "users"),
            Metric(.gauge, "active_subscriptions", ["plan"], of: "subscriptions"),
        ])
    static let jobCost = DomainEvent(
        "job_cost", level: .debug, fields: ["job_id", "user_id"],
        [Metric(.counter, "job_cost_usd", ["job_name"], of: "amount")])

    // MARK: security and compliance

    static let login = DomainEvent(
        "login", isSecurity: true, fields: ["user_id", "client_address", "email"],
        [
            Metric(.counter, "auth_login_success", [], of: "success"),
            Metric(.counter, "auth_login_failure", ["code"], of: "failure"),
        ])
    static let security = DomainEvent(
        "security", level: .warning, isSecurity: true,
        fields: ["user_id", "client_address", "resource", "detail", "attempts"],
        [Metric(.counter, "security_events", ["kind"])])
    static let ageVerification = DomainEvent(
        "age_verification", isSecurity: true, fields: ["user_id", "order_id"],
        [Metric(.counter, "age_verifications", ["method", "result"])])

    // MARK: operations

    static let cacheLookup = DomainEvent(
        "cache_lookup", level: nil, [Metric(.counter, "cache_requests", ["cache", "result"])])
    static let cacheState = DomainEvent(
        "cache_state", level: nil,
        [
            Metric(.gauge, "cache_entries", ["cache"], of: "entries"),
            Metric(.gauge, "cache_memory_bytes", ["cache"], of: "memory", unit: "bytes"),
        ])
    static let pool = DomainEvent(
        "db_pool", level: nil,
        [
            Metric(.gauge, "db_pool_active", ["pool"], of: "active"),
            Metric(.gauge, "db_pool_idle", ["pool"], of: "idle"),
            Metric(.gauge, "db_pool_waiting", ["pool"], of: "waiting"),
            Metric(.gauge, "db_pool_max", ["pool"], of: "max"),
            Metric(.gauge, "db_pool_utilization_ratio", ["pool"], of: "use", unit: "ratio"),
        ])
    static let query = DomainEvent(
        "db_query", fields: ["statement"],
        [
            Metric(
                .histogram, "db_query_duration_seconds", ["operation", "table", "status"],
                of: "duration", unit: "seconds"),
            Metric(.counter, "db_slow_queries", ["operation", "table"], of: "slow"),
        ])
    static let rateLimit = DomainEvent(
        "rate_limit_denied", level: .warning, isSecurity: true,
        fields: ["client_address", "user_id", "domain"],
        [Metric(.counter, "rate_limit_denied", ["backend", "route"])])
    static let degradation = DomainEvent(
        "degradation", level: .warning, fields: ["detail"],
        [Metric(.gauge, "degraded", ["component", "fallback"], of: "active")])
    static let offlineQueue = DomainEvent(
        "offline_queue", level: nil,
        [
            Metric(.gauge, "offline_queue_depth", ["queue"], of: "depth"),
            Metric(
                .gauge, "offline_queue_oldest_age_seconds", ["queue"], of: "age", unit: "seconds"),
        ])
    static let offlineSync = DomainEvent(
        "offline_sync", fields: ["device_id", "item_id"],
        [Metric(.counter, "offline_syncs", ["queue", "result"])])
    static let externalCall = DomainEvent(
        "external_call", level: .debug, fields: ["detail"],
        [
            Metric(.counter, "external_requests", ["target", "outcome"]),
            Metric(
                .histogram, "external_request_duration_seconds", ["target", "outcome"],
                of: "duration", unit: "seconds"),
        ])
    static let externalState = DomainEvent(
        "external_service", level: .warning, fields: ["detail"],
        [Metric(.gauge, "external_service_up", ["target"], of: "up")])

    // MARK: products

    static let view = DomainEvent(
        "product_view", level: .debug, fields: ["sku", "user_id", "shop_id"],
        [Metric(.counter, "product_views", ["category", "channel"])])
    static let reservation = DomainEvent(
        "inventory_reservation", fields: ["sku", "order_id"],
        [Metric(.counter, "inventory_reservations", ["status"])])
    static let stock = DomainEvent(
        "inventory_stock", level: nil,
        [
            Metric(.gauge, "inventory_stock", ["category", "location"], of: "units"),
            Metric(.gauge, "inventory_low_stock_items", ["location"], of: "low"),
        ])
    static let lowStock = DomainEvent(
        "inventory_low_stock", level: .warning, fields: ["sku", "units", "threshold"],
        [Metric(.counter, "inventory_low_stock", ["category"])])
    static let flag = DomainEvent(
        "flag_evaluation", level: .debug, fields: ["user_id"],
        [Metric(.counter, "flag_evaluations", ["flag", "variant"])])
    static let assignment = DomainEvent(
        "experiment_assignment", level: .debug, fields: ["experiment_id", "user_id"],
        [Metric(.counter, "experiment_assignments", ["experiment", "variant"])])
    static let experimentConversion = DomainEvent(
        "experiment_conversion", fields: ["experiment_id", "user_id"],
        [Metric(.counter, "experiment_conversions", ["experiment", "variant", "goal"])])
    static let apiVersion = DomainEvent(
        "api_version", level: nil,
        [Metric(.counter, "api_requests", ["version", "deprecated"])])
    static let client = DomainEvent(
        "client", level: nil,
        [Metric(.counter, "client_requests", ["browser", "os", "device", "outcome"])])
    static let region = DomainEvent(
        "client_region", level: nil, [Metric(.counter, "client_requests_by_region", ["region"])])
}
