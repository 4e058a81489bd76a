import Logging
import PerchFiles
import PerchIngest
import PerchModel

extension ServerState {
    /// Learns which services and operations the store has, beside everything else.
    func loadCatalogue() async {
        do {
            try await withTaskExecutorPreference(ReadThreads.shared) {
                try await catalogue.load(from: stores.events, nowNanos: now())
            }
        } catch let failure as StoreFailure where failure == .cancelled {
            return
        } catch {
            logger.error(
                "the list of services may miss some until they send again",
                metadata: ["error": "\(error)"])
        }
    }
}
