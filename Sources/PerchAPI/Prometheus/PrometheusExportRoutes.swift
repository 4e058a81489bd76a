import HTTPTypes
package import Hummingbird
import NIOCore
package import PerchModel
import PerchWire

/// `/api/v1/export/openmetrics`: samples as OpenMetrics, streamed, for those who leave.
///
/// Parameters: `match[]` (selectors, none for everything), `start` and `end` (seconds or RFC 3339),
/// `escaping` (`allow-utf-8` or `underscores`).
package struct PrometheusExportRoutes: Sendable {
    private let samples: any SampleSource
    private let labels: any LabelSource

    package init(samples: any SampleSource, labels: any LabelSource) {
        self.samples = samples
        self.labels = labels
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        for method in [HTTPRequest.Method.get, .post] {
            router.on("api/v1/export/openmetrics", method: method) { request, _ in
                try await export(try await PrometheusParameters(request))
            }
        }
    }

    private func export(_ parameters: PrometheusParameters) async throws -> Response {
        let wanted = try MetricsExport.Request(parameters.form)
        let export: MetricsExport
        do {
            export = try await MetricsExport(wanted, samples: samples, labels: labels)
        } catch {
            throw PrometheusFailure(store: error)
        }
        return Response(
            status: .ok, headers: [.contentType: export.contentType],
            body: ResponseBody { writer in
                var export = export
                while let piece = try await export.next() {
                    try await writer.write(ByteBuffer(bytes: piece))
                }
                try await writer.finish(nil)
            })
    }
}

extension MetricsExport.Request {
    /// Reads the parameters of the route.
    package init(_ form: FormParameters) throws {
        self.init()
        let parameters = PrometheusParameters(form)
        selectors = try parameters.selectors()
        times = try parameters.times()
        guard let text = parameters["escaping"], !text.isEmpty else { return }
        guard let escaping = ExpositionWriter.Escaping(rawValue: text) else {
            throw PrometheusFailure(
                .badData, "invalid parameter \"escaping\": allow-utf-8 or underscores")
        }
        self.escaping = escaping
    }
}
