import Synchronization

/// Decides what becomes of a charge.
final class PaymentOutcomes: Sendable {
    enum Verdict: String, Sendable {
        case approved, declined, failed
    }

    struct Outcome: Sendable {
        let verdict: Verdict
        let delay: Duration
    }

    private let random: Mutex<SeededRandom>

    init(random: SeededRandom) {
        self.random = Mutex(random)
    }

    func next(method: String, degraded: Bool) -> Outcome {
        random.withLock { random in
            let declined =
                switch method {
                case "card": 0.06
                case "wallet": 0.03
                default: 0.01
                }
            let failed = degraded ? 0.25 : 0.015
            let verdict = random.pick([
                (Verdict.declined, declined), (.failed, failed), (.approved, 1 - declined - failed),
            ])
            let delay: Duration =
                if degraded {
                    random.milliseconds(1_200...4_500)
                } else if random.chance(0.04) {
                    random.milliseconds(700...1_800)
                } else {
                    random.milliseconds(40...160)
                }
            return Outcome(verdict: verdict ?? .approved, delay: delay)
        }
    }
}
