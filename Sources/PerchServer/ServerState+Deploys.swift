import Logging
import PerchFiles
import PerchModel
import PerchWeb

extension ServerState {
    /// Looks for versions that are first heard of in errors, until it is cancelled.
    func watchErrorVersions() async {
        let versions = ErrorVersions(events: stores.events, deploys: stores.catalog)
        while true {
            do {
                try await Task.sleep(for: .seconds(Limits.errorVersionsEverySeconds))
            } catch {
                return
            }
            do {
                let noted = try await withTaskExecutorPreference(ReadThreads.shared) {
                    try await versions.note(now: now())
                }
                for deploy in noted {
                    logger.info(
                        "a version nobody told of is seen in errors",
                        metadata: [
                            "service": "\(deploy.service)", "version": "\(deploy.version)",
                        ])
                }
            } catch let failure as StoreFailure where failure == .cancelled {
                return
            } catch {
                logger.warning(
                    "errors could not be searched for new versions",
                    metadata: ["error": "\(error)"])
            }
        }
    }
}
