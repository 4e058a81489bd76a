import CoreMetrics
import HTTPTypes
public import Hummingbird
import NIOCore
public import Perch

extension RouterMethods {
    /// Adds `GET /metrics` for scrapers, in the format that they ask for (MET-1, MET-2, MET-12).
    public func addMetrics(
        of perch: PerchService, path: RouterPath = "/metrics", access: EndpointAccess
    ) {
        let exposed = perch.metrics.makeCounter(label: "metrics.exposed", dimensions: [])
        get(path) { request, context -> Response in
            guard access.allows(request, context) else { return access.refusal }
            exposed.increment(by: 1)
            let format = ExpositionText(accept: request.headers[.accept])
            let text = format.text(of: perch.metrics.snapshot())
            return Response(
                status: .ok, headers: [.contentType: format.contentType],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
    }

    /// Adds `GET /jobs/status`: each job's last runs and what waits in queues (JOB-5).
    public func addJobs(
        of perch: PerchService, path: RouterPath = "/jobs/status", access: EndpointAccess
    ) {
        get(path) { request, context -> Response in
            guard access.allows(request, context) else { return access.refusal }
            return Response(
                status: .ok,
                headers: [
                    .contentType: "application/json; charset=utf-8", .cacheControl: "no-store",
                ],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: perch.jobs.json)))
        }
    }
}
