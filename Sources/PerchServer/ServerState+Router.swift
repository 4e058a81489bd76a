import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import PerchAPI
import PerchEvents
import PerchIngest
import PerchModel
import PerchWeb

extension ServerState {
    /// The main listener's routes.
    func router() -> Router<PerchRequestContext> {
        let router = Router(context: PerchRequestContext.self)
        OperatorRoutes(hooks: operatorHooks(), counters: counters).add(to: router)
        ingestRoutes().addOTLP(to: router)
        ingestRoutes().addJSONLines(to: router)
        ingestRoutes().addLoki(to: router)
        ingestRoutes().addBulk(to: router)
        ingestRoutes().addPrometheus(to: router)
        TraceRoutes(events: stores.events, now: now).add(to: router)
        JaegerRoutes(
            events: stores.events, catalogue: catalogue,
            calls: ServiceCalls(samples: stores.series, metrics: spanMetrics), now: now
        ).add(to: router)
        EventRoutes(events: stores.events, now: now).add(to: router)
        SearchRoutes(events: stores.events, now: now).add(to: router)
        EventDeletionRoutes(
            events: stores.events,
            delete: { [self] (dataset, query, predicate, times) async throws(StoreFailure) in
                try await stores.events.delete(dataset, query, predicate, times: times)
            }, logger: logger, now: now
        ).add(to: router)
        DeployRoutes(store: stores.catalog, now: now).add(to: router)
        TailRoutes(hub: tail, now: now).add(to: router)
        SampleRoutes(samples: stores.series).add(to: router)
        addPrometheus(to: router)
        addLoki(to: router)
        let web = WebRoutes(
            events: stores.events, samples: stores.series, labels: stores.series,
            documents: stores.catalog,
            dashboards: dashboardLibrary(), access: webAccess(),
            version: PerchVersion.current, scheme: { [self] request in scheme(of: request) },
            report: { [self] failure in
                logger.error("a page could not be made", metadata: ["error": "\(failure)"])
            }, queryOptions: { [self] in queryOptions }, now: now)
        router.add(middleware: MissingPage(web))
        web.add(to: router)
        return guarded(router)
    }

    /// How the reader of a page reached this server.
    private func scheme(of request: Request) -> String {
        if certificates != nil { return "https" }
        guard configuration.behindProxy else { return "http" }
        // Only shown to who sent it, so no proxy needs to be believed. Who comes past the proxy has
        // no such header.
        let forwarded = HTTPField.Name("X-Forwarded-Proto").flatMap { request.headers[$0] }
        return forwarded?.lowercased() == "https" ? "https" : "http"
    }

    /// The routes of the listener for OTLP: its three doors and nothing else.
    func otlpRouter() -> Router<PerchRequestContext> {
        let router = Router(context: PerchRequestContext.self)
        ingestRoutes().addOTLP(to: router)
        return guarded(router)
    }

    /// The three methods of OTLP over gRPC, on a listener of their own.
    func grpcService() -> GRPCService {
        GRPCService(
            pipeline: pipeline, authenticator: authenticator, counters: counters,
            bodyByteCountMax: { [self] in configuration.limits.bodyByteCountMax },
            bodyTimeout: .seconds(configuration.limits.bodyTimeoutSeconds))
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
