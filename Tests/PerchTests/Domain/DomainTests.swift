import Foundation
import Logging
import PerchTesting
import Synchronization
import Testing
import Tracing

@testable import Perch

/// Domain instruments, seen as an adopter's test sees them: metrics without ids, events with them.
struct DomainTests {
    private let told = TelemetryRecorder()
    private var perch: PerchService { told.perch }

    @Test("BIZ-1, BIZ-4, BIZ-10: orders are counted and valued; the event has the ids")
    func orders() throws {
        perch.business.order(id: "A7", amount: 12.5, currency: "EUR", user: "u1", shop: "nord")
        perch.business.order(id: "A8", amount: 7.5, currency: "EUR")
        perch.business.order("cancelled", id: "A9", channel: "pos")
        try told.expectMetric(
            "orders_total", ["status": "completed", "channel": "web"], equals: 2)
        try told.expectMetric(
            "orders_total", ["status": "cancelled", "channel": "pos"], equals: 1)
        try told.expectMetric("order_value_total", ["currency": "EUR"], equals: 20)
        let line = try told.expectLog("order", fields: ["order_id": "A7", "user_id": "u1"])
        #expect(line.fields["shop_id"] == "nord")
        #expect(line.fields["amount"] == "12.5")
    }

    @Test("BIZ-2, BIZ-3, LOG-15: a payment's life by method, and its delay to the confirmation")
    func payments() throws {
        let clock = Times([0, 90_000_000_000])
        let recorder = perch.domain.with { clock.next() }
        let business = Business(recorder: recorder, payments: PairedDelays())
        business.payment(
            .created, id: "t1", method: "crypto", amount: 5, currency: "USD", user: "u")
        business.payment(.confirmed, id: "t1", method: "crypto", blockchain: "0xabc")
        business.payment(.authorized, id: "t2", method: "card")
        business.payment(.captured, id: "t2", method: "card")
        business.payment(.refunded, id: "t2", method: "card", amount: 3)
        business.payment(.failed, id: "t3", method: "card", reason: "declined")
        for state in ["authorized", "captured", "refunded"] {
            try told.expectMetric(
                "payments_total", ["state": state, "method": "card", "reason": "none"], equals: 1)
        }
        try told.expectMetric(
            "payments_total", ["state": "failed", "method": "card", "reason": "declined"],
            equals: 1)
        try told.expectMetric(
            "payment_amount_total", ["state": "refunded", "currency": "USD"], equals: 3)
        try told.expectMetric("payment_confirmation_seconds", ["method": "crypto"], equals: 1)
        #expect(told.sum(of: "payment_confirmation_seconds", ["method": "crypto"]) == 90)
        try told.expectLog(
            "payment", fields: ["transaction_id": "t1", "blockchain_tx_id": "0xabc"])
        try told.expectLog("payment", level: .warning, fields: ["transaction_id": "t3"])
    }

    @Test("Payments that are never confirmed are forgotten, the oldest first")
    func pairsAreBounded() {
        let pairs = PairedDelays(countMax: 3)
        for number in 0..<100 { pairs.began("p\(number)", at: Int64(number)) }
        #expect(pairs.ended("p0", at: 200) == nil)
        #expect(pairs.ended("p96", at: 200) == nil)
        #expect(pairs.ended("p99", at: 200) == .nanoseconds(101))
        #expect(pairs.ended("p99", at: 200) == nil)
        for number in 0..<1000 {
            pairs.began("q\(number)", at: 0)
            #expect(pairs.ended("q\(number)", at: 7) == .nanoseconds(7))
        }
    }

    @Test("BIZ-5, BIZ-8, BIZ-9: revenue, credits, signups, milestones, populations, costs")
    func numbers() throws {
        let business = perch.business
        business.revenue(10, type: "subscription")
        business.revenue(5, currency: "EUR")
        business.credits(used: 3, user: "u")
        business.signup(method: "google", user: "u")
        business.conversion("trial_to_paid")
        business.milestone("scan", shop: "s1")
        business.activeUsers(40, window: "day")
        business.activeSubscriptions(7, plan: "pro")
        business.jobCost(0.25, job: "video", id: "j1")
        try told.expectMetric("revenue_usd_total", ["type": "subscription"], equals: 10)
        try told.expectMetric(
            "revenue_total", ["type": "purchase", "currency": "EUR"], equals: 5)
        #expect(told.value(of: "revenue_usd_total", ["type": "purchase"]) == nil)
        try told.expectMetric("credits_used_total", ["type": "default"], equals: 3)
        try told.expectMetric("signups_total", ["method": "google"], equals: 1)
        try told.expectMetric("conversions_total", ["type": "trial_to_paid"], equals: 1)
        try told.expectMetric("milestones_total", ["kind": "scan"], equals: 1)
        try told.expectMetric("active_users", ["window": "day"], equals: 40)
        try told.expectMetric("active_subscriptions", ["plan": "pro"], equals: 7)
        try told.expectMetric("job_cost_usd_total", ["job_name": "video"], equals: 0.25)
    }

    @Test("BIZ-6, BIZ-7, LOG-16, LOG-17: notifications and automation runs")
    func runs() throws {
        perch.business.notification(
            "delivered", channel: "sms", id: "n1", template: "receipt", user: "u")
        perch.business.automationRun(
            "completed", strategy: "dca", run: "r1", session: "s1", duration: .seconds(2))
        try told.expectMetric(
            "notifications_total", ["channel": "sms", "delivery_status": "delivered"], equals: 1)
        try told.expectLog(
            "notification",
            fields: ["notification_id": "n1", "template": "receipt", "channel": "sms"])
        try told.expectMetric(
            "automation_runs_total", ["state": "completed", "strategy": "dca"], equals: 1)
        #expect(told.sum(of: "automation_run_seconds", ["strategy": "dca"]) == 2)
        try told.expectLog(
            "automation_run", fields: ["run_id": "r1", "automation_session_id": "s1"])
    }

    @Test("INV-1: stock and reservations by category; one item is in the event alone")
    func inventory() throws {
        let products = perch.products
        products.stock(40, category: "kitchen")
        products.lowStockItems(2)
        products.lowStock(sku: "K-1", units: 1, threshold: 3, category: "kitchen")
        products.reservation("made", sku: "K-1", order: "A7")
        try told.expectMetric(
            "inventory_stock", ["category": "kitchen", "location": "main"], equals: 40)
        try told.expectMetric("inventory_low_stock_items", ["location": "main"], equals: 2)
        try told.expectMetric("inventory_low_stock_total", ["category": "kitchen"], equals: 1)
        try told.expectMetric("inventory_reservations_total", ["status": "made"], equals: 1)
        try told.expectLog("inventory_low_stock", level: .warning, fields: ["sku": "K-1"])
    }

    @Test("EXP-1, EXP-2, EXP-4, SEG-4: flags, experiments, API versions; the span has the id")
    func experiments() throws {
        perch.tracer.withSpan("request", context: .topLevel) { span in
            perch.products.assigned("price", variant: "b", id: "e-1", user: "u", span: span)
        }
        perch.products.converted("price", variant: "b", id: "e-1", user: "u")
        perch.products.flag("new_cart", variant: "on", user: "u")
        perch.products.apiVersion("v1", isDeprecated: true)
        try told.expectSpan("request", attributes: ["experiment_id": "e-1"])
        try told.expectMetric(
            "experiment_assignments_total", ["experiment": "price", "variant": "b"], equals: 1)
        try told.expectMetric(
            "experiment_conversions_total",
            ["experiment": "price", "variant": "b", "goal": "purchase"], equals: 1)
        try told.expectMetric(
            "flag_evaluations_total", ["flag": "new_cart", "variant": "on"], equals: 1)
        try told.expectMetric(
            "api_requests_total", ["version": "v1", "deprecated": "true"], equals: 1)
    }

    @Test(
        "SEG-1, SEG-2: who asks, in few words",
        arguments: [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/139.0 Safari/537.36 Edg/139.0",
                "edge windows desktop"
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19 Mobile Safari/604",
                "safari ios mobile"
            ),
            ("Mozilla/5.0 (Linux; Android 15) Chrome/139.0 Safari/537", "chrome android tablet"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "firefox linux desktop"),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Safari/605", "safari macos desktop"),
            ("Googlebot/2.1 (+http://www.google.com/bot.html)", "bot other bot"),
            ("curl/8.5", "library other other"), ("", "other other other"),
        ])
    func agents(_ text: String, _ expected: String) {
        let agent = UserAgent(text)
        #expect("\(agent.browser) \(agent.system) \(agent.device.rawValue)" == expected)
    }

    @Test("SEG-3: regions are short words; whatever else a header says counts as one")
    func regions() throws {
        for text in ["de", "DE", "x'; drop", String(repeating: "a", count: 40)] {
            perch.products.region(text)
        }
        perch.products.client(UserAgent("curl/8"), isError: true)
        try told.expectMetric("client_requests_by_region_total", ["region": "DE"], equals: 2)
        try told.expectMetric("client_requests_by_region_total", ["region": "other"], equals: 2)
        try told.expectMetric(
            "client_requests_total",
            ["browser": "library", "os": "other", "device": "other", "outcome": "error"],
            equals: 1)
    }

    @Test("CAR-1: no metric has an id as a label, and the page shows exactly the table")
    func convention() throws {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "docs/conventions.md"), encoding: .utf8)
        let shown = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        let rows = DomainEvent.all.flatMap { event in
            event.metrics.map { metric in
                for label in metric.labels {
                    #expect(!label.hasSuffix("_id") && !event.fields.contains(label))
                }
                return Self.row(event, metric)
            }
        }
        #expect(shown == rows)
    }

    private static func row(_ event: DomainEvent, _ metric: DomainEvent.Metric) -> String {
        let name = metric.kind == .counter ? metric.name + "_total" : metric.name
        let labels = metric.labels.map { "`\($0)`" }.joined(separator: " ")
        let fields = event.fields.map { "`\($0)`" }.joined(separator: " ")
        let value = metric.value.map { "`\($0)`" } ?? "events"
        return "| `\(event.name)` | `\(name)` | \(metric.kind.rawValue) of \(value) | "
            + "\(labels) | \(fields) |"
    }
}

/// Answers given times, then the last one for ever.
final class Times: Sendable {
    private let list: Mutex<[Int64]>

    init(_ times: [Int64]) {
        list = Mutex(times)
    }

    func next() -> Int64 {
        list.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? 0 }
    }
}
