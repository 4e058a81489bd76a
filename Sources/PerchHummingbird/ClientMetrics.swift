import CoreMetrics
import HTTPTypes
import Hummingbird
import Perch
import Synchronization

/// Counts requests by the client that sent them (SEG-1, SEG-2, SEG-3).
///
/// Clients send few different texts, so what one of them means is looked up, not read again.
final class ClientMetrics: Sendable {
    private struct Key: Hashable {
        var agent: String
        var isError: Bool
    }

    /// Texts that are remembered; further ones are read each time.
    private static let agentsMax = 512

    private let registry: MetricRegistry
    private let isOn: Bool
    private let region: HTTPField.Name?
    private let counters = Mutex<[Key: any FloatingPointCounterHandler]>([:])

    init(registry: MetricRegistry, options: RequestObserverOptions) {
        self.registry = registry
        isOn = options.segmentsClients
        region = options.regionHeader.flatMap { HTTPField.Name($0) }
    }

    func count(_ request: Request, isQuiet: Bool, status: Int) {
        guard isOn, !isQuiet else { return }
        let key = Key(agent: request.headers[.userAgent] ?? "", isError: status >= 400)
        let counter = counters.withLock { known in
            if let found = known[key] { return found }
            let made = DomainEvent.clientCounter(
                in: registry, UserAgent(key.agent), isError: key.isError)
            if known.count < Self.agentsMax { known[key] = made }
            return made
        }
        counter.increment(by: 1)
        if let region, let value = request.headers[region] {
            DomainEvent.regionCounter(in: registry, value).increment(by: 1)
        }
    }
}
