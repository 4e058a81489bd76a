import Logging
import Perch
import ServiceLifecycle

/// Starts an incident every few minutes, and announces its begin and end by log events.
struct IncidentSchedule: Service {
    let conditions: Conditions
    /// Who announces which incident.
    let announcer: @Sendable (Incident) -> PerchService
    /// The one that the shop starts with.
    let first: Incident?
    let random: SeededRandom
    let logger: Logger

    func run() async throws {
        try? await cancelWhenGracefulShutdown { try await schedule() }
    }

    private func schedule() async throws {
        var random = random
        if let first { try await run(first, seconds: Int.random(in: 60...120, using: &random)) }
        // The first one soon, so that a new visitor of the demo sees one.
        try await Task.sleep(for: .seconds(Int.random(in: 40...60, using: &random)))
        while true {
            // Each kind once a round, in an order of its own.
            for incident in Incident.allCases.shuffled(using: &random) {
                let duration = Int.random(in: 60...120, using: &random)
                try await run(incident, seconds: duration)
                try await Task.sleep(for: .seconds(Int.random(in: 90...210, using: &random)))
            }
        }
    }

    private func run(_ incident: Incident, seconds: Int) async throws {
        announce(incident, began: true, seconds: seconds)
        conditions.begin(incident)
        try await Task.sleep(for: .seconds(seconds))
        conditions.end()
        announce(incident, began: false, seconds: seconds)
    }

    private func announce(_ incident: Incident, began: Bool, seconds: Int) {
        let text = began ? incident.announcement : incident.allClear
        announcer(incident).logger("incidents").log(
            level: began ? .warning : .info, "\(text)",
            metadata: [
                "event": began ? "incident.started" : "incident.ended",
                "incident_kind": .string(incident.rawValue),
                "incident_duration_s": .stringConvertible(seconds),
            ])
        logger.notice("\(text)\(began ? " (\(seconds) s)" : "").")
    }
}
