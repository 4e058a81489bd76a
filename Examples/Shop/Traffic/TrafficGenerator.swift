import AsyncHTTPClient
import Foundation
import ServiceLifecycle
import Synchronization

/// Sends visitors to the shop, more by day than by night.
struct TrafficGenerator: Service {
    let client: HTTPClient
    let port: ListeningPort
    let conditions: Conditions
    /// Requests a second at the busiest time of the day.
    let rate: Double
    /// Seconds after which nobody comes any more.
    let limit: Double?
    /// Whether visitors go on at once.
    let isHurried: Bool
    let random: SeededRandom
    let clock: NanosecondClock

    /// Stops the visits when the shop stops, and lets the conditions know first.
    func run() async throws {
        try? await cancelWhenGracefulShutdown { try await sendVisitors() }
        conditions.close()
    }

    private func sendVisitors() async throws {
        let address = "http://127.0.0.1:\(try await port.wait())"
        let end = limit.map { ContinuousClock.now + .seconds($0) }
        if rate > 0 { try await sendVisitors(to: address, until: end) }
        // The shop stays open.
        try await Task.sleep(for: .seconds(.max / 4))
    }

    private func sendVisitors(
        to address: String, until end: ContinuousClock.Instant?
    ) async throws {
        let headcount = Headcount()
        var random = random
        var rhythm = DailyRhythm()
        try await withThrowingDiscardingTaskGroup { group in
            while end.map({ $0 > .now }) ?? true {
                let seconds = Double(clock()) / 1e9
                let level = rhythm.next(atSeconds: seconds, using: &random)
                let visitsPerSecond = rate * level / Visit.requestsMean
                // Visitors know nothing of each other: gaps follow the exponential distribution.
                let gap = -log(Double.random(in: 1e-6..<1, using: &random)) / visitsPerSecond
                try await Task.sleep(for: .seconds(gap))
                var own = random.fork()
                let visit = Visit(random: &own)
                guard headcount.enter() else { continue }
                group.addTask {
                    await Visitor(
                        client: client, address: address, visit: visit, isHurried: isHurried
                    )
                    .run()
                    headcount.leave()
                }
            }
            // Who is inside leaves.
            group.cancelAll()
        }
    }
}

/// Counts the visitors in the shop.
private final class Headcount: Sendable {
    private let inside = Mutex(0)

    /// False when the shop is full.
    func enter() -> Bool {
        inside.withLock { inside in
            guard inside < Limits.visitorsMax else { return false }
            inside += 1
            return true
        }
    }

    func leave() {
        inside.withLock { $0 -= 1 }
    }
}
