import Logging
import PerchEvents
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

    /// Goes on with the metrics of spans where they were written last, and counts what came after
    /// that.
    func restoreSpanMetrics() async {
        do {
            try await spanMetrics.restore(
                from: stores.series, newestFile: stores.events.newestFile
            ) { (position, body) throws(StoreFailure) in
                try stores.events.replay(after: position, body)
            }
        } catch {
            stores.events.giveUpFollowing()
            logger.error(
                "metrics from spans cannot be read, and are not written until a restart",
                metadata: ["error": "\(error)"])
        }
    }

    /// Writes metrics of spans now and then until it is cancelled.
    func writeSpanMetrics() async {
        while true {
            do {
                try await Task.sleep(for: .seconds(PerchIngest.Limits.spanWriteSeconds))
            } catch {
                return
            }
            await writeSpanMetricsOnce()
            catalogue.forget(
                before: now() &- Int64(configuration.retention.tracesSeconds) &* 1_000_000_000)
        }
    }

    /// Writes the metrics of all spans at the end; the log is not needed for them any more.
    ///
    /// Ends of calls that wait for their other end do not wait across a stop.
    func endSpanMetrics() async {
        if await writeSpanMetricsOnce() { await stores.events.endFollowing() }
    }

    /// Writes metrics of spans, and answers whether that could be; what could not comes with the
    /// next write.
    @discardableResult
    private func writeSpanMetricsOnce() async -> Bool {
        do {
            try await spanMetrics.write(to: stores.series)
            return true
        } catch {
            logger.error(
                "metrics from spans could not be written", metadata: ["error": "\(error)"])
            return false
        }
    }
}
