import Hummingbird
import HummingbirdCore
import PerchAPI
import PerchIngest
import Logging
import PerchModel
import PerchWeb

extension ServerState {
    /// The main listener's routes.
    func router() -> Router<PerchRequestContext> {
        let router = guardedRouter()
        OperatorRoutes(hooks: operatorHooks(), counters: counters).add(to: router)
        ingestRoutes().addOTLP(to: router)
        ingestRoutes().addJSONLines(to: router)
        EventRoutes(events: stores.events).add(to: router)
        SampleRoutes(samples: stores.series).add(to: router)
        WebRoutes(
            events: stores.events, samples: stores.series, access: webAccess(),
            version: PerchVersion.current,
            report: { [self] failure in
                logger.error("a page could not be made", metadata: ["error": "\(failure)"])
            }, now: now
        ).add(to: router)
        return router
    }

    /// The routes of the listener for OTLP: its three doors and nothing else.
    func otlpRouter() -> Router<PerchRequestContext> {
        let router = guardedRouter()
        ingestRoutes().addOTLP(to: router)
        return router
    }

    private func guardedRouter() -> Router<PerchRequestContext> {
        let router = Router(context: PerchRequestContext.self)
        router.add(middleware: PageHeaders(isTLS: certificates != nil))
        router.add(middleware: RequestAccounting(counters: counters))
        router.add(
            middleware: RequestGuard(authenticator: authenticator, hosts: { [self] in hosts }))
        return router
    }

    private func ingestRoutes() -> IngestRoutes {
        IngestRoutes(
            pipeline: pipeline,
            bodyByteCountMax: { [self] in configuration.limits.bodyByteCountMax },
            bodyTimeout: .seconds(configuration.limits.bodyTimeoutSeconds))
    }

    private func operatorHooks() -> OperatorRoutes.Hooks {
        OperatorRoutes.Hooks(
            notReady: { [self] in isReady ? nil : "starting or stopping" },
            metrics: { [self] text in writeMetrics(&text) },
            flush: { [self] in try await stores.flush() },
            reload: { [self] in try reload() })
    }
}
