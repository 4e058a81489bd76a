import HTTPTypes
public import Hummingbird
import NIOCore
public import Perch

/// Where health is told.
public struct HealthPaths: Sendable {
    /// Always 200 with a body, or by the live checks; see `isPlainLiveness` (HLT-1).
    public var health = "/health"
    /// The live checks (HLT-3).
    public var live = "/health/live"
    /// The ready checks (HLT-2).
    public var ready = "/health/ready"
    /// The startup checks (HLT-4).
    public var startup = "/health/startup"
    /// Other paths for the ready checks (HLT-8, HLT-9, HLT-10).
    public var readyAliases = ["/healthz", "/readyz", "/ready"]
    /// Whether `health` answers 200 as long as the process can answer at all.
    public var isPlainLiveness = false

    /// Makes the defaults.
    public init() {}
}

extension RouterMethods {
    /// Adds the health endpoints: statuses for everybody, reasons for those with access (HLT-14).
    ///
    /// `/health/<name>` shows one check with its figures, to those with access (HLT-5 … HLT-7).
    public func addHealth(
        _ checks: HealthChecks, paths: HealthPaths = HealthPaths(), access: EndpointAccess
    ) {
        get(RouterPath(paths.health)) { _, _ -> Response in
            let report = await checks.report(.live)
            return Self.response(paths.isPlainLiveness ? 200 : report.httpStatus, report.statusJSON)
        }
        let kinds: [(String, HealthCheck.Kind)] =
            [(paths.live, .live), (paths.ready, .ready), (paths.startup, .startup)]
            + paths.readyAliases.map { ($0, .ready) }
        for (path, kind) in kinds {
            get(RouterPath(path)) { request, context -> Response in
                let report = await checks.report(kind)
                let isShown = access.allows(request, context)
                return Self.response(
                    report.httpStatus, report.readyJSON(showsFailures: isShown))
            }
        }
        get("/health/:check") { request, context -> Response in
            guard access.allows(request, context) else { return access.refusal }
            guard let name = context.parameters.get("check"),
                let entry = await checks.entry(named: name)
            else { throw HTTPError(.notFound, message: "there is no such check") }
            let report = HealthReport(entries: [entry], time: 0, isStopping: false)
            return Self.response(entry.isHealthy ? 200 : 503, report.readyJSON(showsFailures: true))
        }
    }

    /// Adds a worker's `GET /health`: its status, what waits in its queues, and how long it runs
    /// (HLT-11).
    public func addWorkerHealth(of perch: PerchService, path: RouterPath = "/health") {
        get(path) { _, _ -> Response in
            let report = await perch.workerReport()
            return Self.response(report.httpStatus, report.json)
        }
    }

    private static func response(_ status: Int, _ body: [UInt8]) -> Response {
        Response(
            status: HTTPResponse.Status(code: status),
            headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
