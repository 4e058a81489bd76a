import HTTPTypes
package import Hummingbird
import NIOCore
package import PerchModel
import PerchPromQL
import PerchWire

/// `/federate`: the newest samples of some series, for another Prometheus to scrape.
///
/// Source: Prometheus, "Federation"; web/federate.go. Series that ended and native histograms,
/// which the text formats cannot say, are left out.
package struct PrometheusFederateRoutes: Sendable {
    /// How far back the newest sample is looked for: Prometheus' own default.
    private static let lookbackMillis: Int64 = 300_000

    private let samples: any SampleSource
    private let now: @Sendable () -> Int64

    /// `now` answers nanoseconds since 1970.
    package init(samples: any SampleSource, now: @escaping @Sendable () -> Int64) {
        self.samples = samples
        self.now = now
    }

    package func add(to router: some RouterMethods<PerchRequestContext>) {
        router.get("federate") { request, _ in try await federate(request) }
    }

    /// One series with its newest sample.
    private struct Row {
        var metric: String
        var labels: Labels
        var timeMillis: Int64
        var value: Double
    }

    private func federate(_ request: Request) async throws -> Response {
        let selectors = try await PrometheusParameters(request).selectors()
        let end = now() / 1_000_000
        let times = end.subtractingReportingOverflow(Self.lookbackMillis).partialValue...end
        var rows: [Row] = []
        var seen: Set<Labels> = []
        do {
            for matchers in selectors {
                var cursor = samples.read(SampleQuery(matchers: matchers, times: times))
                while let series = try await cursor.next() {
                    guard seen.insert(series.labels).inserted, let row = Self.row(series) else {
                        continue
                    }
                    rows.append(row)
                }
            }
        } catch {
            throw PrometheusFailure(store: error)
        }
        rows = LabelOrder.sorted(rows, \.labels)
        let order = rows.indices.sorted { (rows[$0].metric, $0) < (rows[$1].metric, $1) }
        var writer = Self.writer(accept: request.headers[.accept] ?? "")
        var metric: String?
        for row in order.map({ rows[$0] }) {
            if row.metric != metric {
                metric = row.metric
                writer.family(
                    MetricMetadata(family: row.metric, type: .unknown, unit: "", help: ""))
            }
            writer.series(row.labels)
            writer.sample(row.value, timeMillis: row.timeMillis)
        }
        writer.end()
        return Response(
            status: .ok, headers: [.contentType: writer.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }

    private static func row(_ series: SeriesChunk) -> Row? {
        guard let time = series.times.last, let value = series.values.last,
            value.bitPattern != SampleBatch.staleMarkerBits,
            series.histograms.last.map({ $0.timeMillis < time }) ?? true
        else { return nil }
        var pairs = series.labels.pairs
        let metric = pairs.first { $0.name == "__name__" }?.value ?? ""
        guard !metric.isEmpty else { return nil }
        var labels = series.labels
        if !pairs.contains(where: { $0.name == "instance" }) {
            // Written as empty, so that the scraper does not add the one of this server.
            pairs.append(("instance", ""))
            labels = Labels(keepingEmpty: pairs)
        }
        return Row(metric: metric, labels: labels, timeMillis: time, value: value)
    }

    /// The format that a scraper asks for; text where it does not.
    private static func writer(accept: String) -> ExpositionWriter {
        let accept = accept.lowercased()
        return ExpositionWriter(
            format: accept.contains("application/openmetrics-text") ? .openMetrics : .text,
            escaping: accept.contains("escaping=allow-utf-8") ? .allowUTF8 : .underscores)
    }
}

extension Labels {
    /// Sorted labels of which some are empty: for writing only, as no series has such.
    fileprivate init(keepingEmpty pairs: [(name: String, value: String)]) {
        var bytes: [UInt8] = []
        for (name, value) in pairs.sorted(by: {
            $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }) {
            Self.append(name.utf8, to: &bytes)
            Self.append(value.utf8, to: &bytes)
        }
        self.init(canonical: bytes)
    }
}
