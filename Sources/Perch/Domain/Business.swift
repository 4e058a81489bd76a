import Logging
import Synchronization

/// Numbers of the business: orders, payments, notifications, automation runs (BIZ-1 … BIZ-10).
public struct Business: Sendable {
    let recorder: DomainRecorder
    let payments: PairedDelays

    /// An order was completed, cancelled, … (BIZ-1).
    ///
    /// Orders an hour, revenue an hour and the average value follow by query (BIZ-4).
    public func order(
        _ status: String = "completed", id: String, amount: Double? = nil,
        currency: String = "USD", channel: String = "web", user: String? = nil,
        shop: String? = nil
    ) {
        recorder.record(
            .order,
            [
                "status": status, "channel": channel, "currency": currency, "order_id": id,
                "user_id": user, "shop_id": shop,
            ], values: amount.map { ["amount": $0] } ?? [:])
    }

    /// Where a payment is in its life (BIZ-2, BIZ-3).
    public enum PaymentState: String, Sendable {
        case created
        case authorized
        case captured
        case confirmed
        case failed
        case refunded
    }

    /// A payment reached a state; from `created` to `confirmed` the delay is measured (BIZ-3).
    ///
    /// The event has what LOG-15 asks for: transaction, user, currency, amount, blockchain id.
    public func payment(
        _ state: PaymentState, id: String, method: String, amount: Double? = nil,
        currency: String = "USD", reason: String? = nil, user: String? = nil,
        blockchain: String? = nil, error: (any Error)? = nil
    ) {
        recorder.record(
            .payment,
            [
                "state": state.rawValue, "method": method, "reason": reason, "currency": currency,
                "transaction_id": id, "user_id": user, "blockchain_tx_id": blockchain,
            ], values: amount.map { ["amount": $0] } ?? [:],
            level: state == .failed ? .warning : nil, error: error)
        switch state {
        case .created: payments.began(id, at: recorder.clock())
        case .failed: _ = payments.ended(id, at: recorder.clock())
        case .confirmed:
            guard let delay = payments.ended(id, at: recorder.clock()) else { return }
            recorder.record(
                .paymentConfirmation, ["method": method], values: ["delay": delay.seconds])
        case .authorized, .captured, .refunded: break
        }
    }

    /// Money came in (BIZ-5): `revenue_total`, and `revenue_usd_total` for dollars.
    public func revenue(
        _ amount: Double, currency: String = "USD", type: String = "purchase",
        user: String? = nil, transaction: String? = nil
    ) {
        var values = ["amount": amount]
        if currency == "USD" { values["amount_usd"] = amount }
        recorder.record(
            .revenue,
            ["type": type, "currency": currency, "user_id": user, "transaction_id": transaction],
            values: values)
    }

    /// Credits were used (BIZ-5).
    public func credits(used amount: Double, type: String = "default", user: String? = nil) {
        recorder.record(
            .credits, ["type": type, "user_id": user], values: ["amount": amount])
    }

    /// Somebody signed up (BIZ-5).
    public func signup(method: String, user: String? = nil) {
        recorder.record(.signup, ["method": method, "user_id": user])
    }

    /// Somebody did what was hoped for (BIZ-9).
    public func conversion(_ type: String, user: String? = nil) {
        recorder.record(.conversion, ["type": type, "user_id": user])
    }

    /// A notification was sent, delivered, bounced, … (BIZ-6, LOG-17).
    public func notification(
        _ deliveryStatus: String, channel: String, id: String, template: String? = nil,
        user: String? = nil
    ) {
        recorder.record(
            .notification,
            [
                "delivery_status": deliveryStatus, "channel": channel, "notification_id": id,
                "template": template, "user_id": user,
            ])
    }

    /// An automation run was requested, completed or failed (BIZ-7, LOG-16).
    public func automationRun(
        _ state: String, strategy: String, run: String, session: String? = nil,
        user: String? = nil, duration: Duration? = nil
    ) {
        recorder.record(
            .automationRun,
            [
                "state": state, "strategy": strategy, "run_id": run,
                "automation_session_id": session, "user_id": user,
            ], values: duration.map { ["duration": $0.seconds] } ?? [:])
    }

    /// A product number rose: `shop_installed`, `scan`, `recommendation`, `patch_applied`,
    /// `experiment_started`, `winner_recommended` (BIZ-8).
    public func milestone(_ kind: String, shop: String? = nil, experiment: String? = nil) {
        recorder.record(
            .milestone, ["kind": kind, "shop_id": shop, "experiment_id": experiment])
    }

    /// How many users were active within a window such as `day` (BIZ-9).
    public func activeUsers(_ count: Int, window: String) {
        recorder.record(.population, ["window": window], values: ["users": Double(count)])
    }

    /// How many subscriptions of a plan run (BIZ-9).
    public func activeSubscriptions(_ count: Int, plan: String) {
        recorder.record(.population, ["plan": plan], values: ["subscriptions": Double(count)])
    }

    /// What a job cost, in dollars (BIZ-9).
    public func jobCost(_ amount: Double, job: String, id: String? = nil, user: String? = nil) {
        recorder.record(
            .jobCost, ["job_name": job, "job_id": id, "user_id": user], values: ["amount": amount])
    }
}

/// Times between the two halves of a pair, by id; bounded.
final class PairedDelays: Sendable {
    private struct State {
        var starts: [String: Int64] = [:]
        /// Ids in the order of their beginning; those that ended are skipped.
        var order: [String] = []
        var first = 0
    }

    private let countMax: Int
    private let state = Mutex(State())

    /// Remembers up to `countMax` beginnings; then the oldest is forgotten.
    init(countMax: Int = Limits.pairsMax) {
        self.countMax = countMax
    }

    func began(_ id: String, at time: Int64) {
        state.withLock { state in
            guard state.starts.updateValue(time, forKey: id) == nil else { return }
            state.order.append(id)
            while state.starts.count > countMax, state.first < state.order.count {
                state.starts[state.order[state.first]] = nil
                state.first += 1
            }
            // Ids that ended, or were forgotten, leave the list now and then.
            if state.order.count > 2 * countMax + 16 {
                state.order = state.order[state.first...].filter { state.starts[$0] != nil }
                state.first = 0
            }
        }
    }

    /// The time since the beginning; nil for an id that did not begin.
    func ended(_ id: String, at time: Int64) -> Duration? {
        state.withLock { $0.starts.removeValue(forKey: id) }
            .map { .nanoseconds(max(0, time &- $0)) }
    }
}
