import Logging
import PerchEvents
import PerchSeries
import ServiceLifecycle
import UnixSignals

/// What runs beside the listeners: reload on SIGHUP, new certificates, retention.
struct Upkeep: Service {
    let state: ServerState

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { await reloadOnSignal() }
                group.addTask { try await lookEveryTenSeconds() }
            }
        }
    }

    private func reloadOnSignal() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            do {
                _ = try state.reload()
            } catch {
                state.logger.error(
                    "configuration kept as it was", metadata: ["error": "\(error)"])
            }
        }
    }

    private func lookEveryTenSeconds() async throws {
        while true {
            do {
                try await Task.sleep(for: .seconds(10))
            } catch {
                return
            }
            do {
                if try state.certificates?.reloadIfChanged() == true {
                    state.logger.info("certificate reloaded")
                }
            } catch {
                state.logger.error(
                    "the new certificate cannot be used; the old one stays",
                    metadata: ["error": "\(error)"])
            }
            await state.stores.events.maintain()
            await state.stores.series.maintain()
        }
    }
}
