import Logging
import PerchEvents
import PerchSeries
import UnixSignals

/// What runs beside the listeners: signals, scrapes, new certificates, retention, deploys.
struct Upkeep: Sendable {
    let state: ServerState

    /// Runs until it is cancelled.
    func run(_ signals: UnixSignalsSequence, stop: OneTimeEvent) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await take(signals, stop: stop) }
            group.addTask { await lookEveryTenSeconds() }
            group.addTask { await state.scrape() }
            group.addTask { await state.loadCatalogue() }
            group.addTask { await state.writeSpanMetrics() }
            group.addTask { await state.watchErrorVersions() }
        }
    }

    /// SIGHUP reloads, the others stop; also while the server stops nobody but us takes them.
    private func take(_ signals: UnixSignalsSequence, stop: OneTimeEvent) async {
        for await signal in signals {
            guard signal == .sighup else {
                state.logger.info("stopping", metadata: ["signal": "\(signal)"])
                stop.happen()
                continue
            }
            do {
                _ = try state.reload()
            } catch {
                state.logger.error(
                    "configuration kept as it was", metadata: ["error": "\(error)"])
            }
        }
    }

    private func lookEveryTenSeconds() async {
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
            state.shareDisk()
            await state.stores.events.maintain()
            await state.stores.series.maintain()
        }
    }
}
