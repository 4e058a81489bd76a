import CoreMetrics
import Instrumentation
import Testing

@testable import Perch

/// The registry and its text (MET-1, MET-4, CM-1, CM-8, CAR-1, CAR-4).
struct MetricTests {
    private func text(_ registry: MetricRegistry, _ format: ExpositionText = .prometheus) -> String
    {
        format.text(of: registry.snapshot())
    }

    @Test("CM-8: dotted names become Prometheus' with the suffix of counters")
    func names() {
        let registry = MetricRegistry()
        registry.makeCounter(label: "media.process.started", dimensions: []).increment(by: 2)
        registry.makeCounter(label: "http_requests_total", dimensions: [("status", "200")])
            .increment(by: 1)
        #expect(
            text(registry) == """
                # HELP http_requests_total Requests that were answered.
                # TYPE http_requests_total counter
                http_requests_total{status="200"} 1
                # TYPE media_process_started_total counter
                media_process_started_total 2

                """)
    }

    @Test("MET-1: labels that belong to the target are called as a scraper calls them")
    func labelsOfTheTarget() {
        let registry = MetricRegistry()
        registry.makeCounter(
            label: "runs", dimensions: [("job", "scan"), ("instance", "a"), ("job_name", "b")]
        ).increment(by: 1)
        #expect(
            text(registry).hasSuffix(
                #"{exported_instance="a",exported_job="scan",job_name="b"} 1"# + "\n"))
    }

    @Test("CM-1: durations are seconds, in the buckets of the metric")
    func durations() {
        let registry = MetricRegistry()
        let timer = registry.makeTimer(
            label: "http.request.duration", dimensions: [("route", "/orders/:id")])
        timer.recordNanoseconds(100_000_000)
        timer.recordNanoseconds(700_000_000)
        timer.recordNanoseconds(60_000_000_000)
        #expect(
            text(registry) == """
                # HELP http_request_duration_seconds Time from a request to the end of its answer.
                # TYPE http_request_duration_seconds histogram
                http_request_duration_seconds_bucket{route="/orders/:id",le="0.1"} 1
                http_request_duration_seconds_bucket{route="/orders/:id",le="0.5"} 1
                http_request_duration_seconds_bucket{route="/orders/:id",le="1.0"} 2
                http_request_duration_seconds_bucket{route="/orders/:id",le="2.0"} 2
                http_request_duration_seconds_bucket{route="/orders/:id",le="5.0"} 2
                http_request_duration_seconds_bucket{route="/orders/:id",le="10.0"} 2
                http_request_duration_seconds_bucket{route="/orders/:id",le="+Inf"} 3
                http_request_duration_seconds_sum{route="/orders/:id"} 60.8
                http_request_duration_seconds_count{route="/orders/:id"} 3

                """)
    }

    @Test("MET-4: histograms in milliseconds with the seeds' buckets")
    func milliseconds() {
        let registry = MetricRegistry()
        registry.makeTimer(label: "api_ready_ms", dimensions: []).recordNanoseconds(250_000_000)
        let text = text(registry)
        #expect(text.contains("api_ready_ms_bucket{le=\"250.0\"} 1\n"))
        #expect(text.contains("api_ready_ms_bucket{le=\"100.0\"} 0\n"))
        #expect(text.contains("api_ready_ms_sum 250\n"))
    }

    @Test("CAR-1: series above the limit are counted in one")
    func cardinality() {
        var options = MetricOptions()
        options.seriesPerMetricMax = 3
        let registry = MetricRegistry(options: options)
        for index in 0..<10 {
            registry.makeCounter(label: "c", dimensions: [("shop", "s\(index)")]).increment(by: 1)
        }
        let lines = text(registry).split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == 4)
        #expect(lines.contains("c_total{otel_metric_overflow=\"true\"} 7"))
    }

    @Test(
        "CAR-1, CAR-4: values that look like ids or raw paths are refused",
        arguments: [
            ("123456", true), ("12345", false), ("/orders/:id", false), ("/orders/981273", true),
            ("/search?q=1", true), ("0af7651916cd43dd8448eb211c80319c", true),
            ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", true), ("deadbeef", false), ("GET", false),
        ])
    func labelGuard(_ value: String, _ isRefused: Bool) {
        let registry = MetricRegistry()
        registry.makeCounter(label: "c", dimensions: [("l", value)]).increment(by: 1)
        #expect(text(registry).contains("l=\"refused\"") == isRefused)
    }

    @Test("A name is one kind's only; the other one counts nowhere and traps nobody")
    func kinds() {
        let registry = MetricRegistry()
        registry.makeCounter(label: "x", dimensions: []).increment(by: 1)
        registry.makeMeter(label: "x", dimensions: []).set(5.0)
        #expect(text(registry) == "# TYPE x_total counter\nx_total 1\n")
    }

    @Test("Text is escaped, and numbers are those of the format")
    func escaping() {
        var options = MetricOptions()
        options.help = ["g": "a\\b\nc"]
        let registry = MetricRegistry(options: options)
        registry.makeMeter(label: "g", dimensions: [("l", "q\"\\\n")]).set(-Double.infinity)
        #expect(
            text(registry)
                == "# HELP g a\\\\b\\nc\n# TYPE g gauge\ng{l=\"q\\\"\\\\\\n\"} -Inf\n")
    }

    @Test("Exemplars name the trace in OpenMetrics")
    func exemplars() {
        let registry = MetricRegistry(clock: { fixedTime })
        let timer = registry.makeTimer(label: "t_seconds", dimensions: [])
        var context = ServiceContext.topLevel
        context.spanContext = Propagation.parent(
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        ServiceContext.withValue(context) { timer.recordNanoseconds(3_000_000) }
        let text = text(registry, .openMetrics)
        #expect(text.contains("# {trace_id=\"0af7651916cd43dd8448eb211c80319c\""))
        #expect(text.hasSuffix("# EOF\n"))
    }

    @Test("Counting from many threads loses nothing")
    func concurrency() async {
        let registry = MetricRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = registry.makeCounter(label: "n", dimensions: [])
                    let float = registry.makeFloatingPointCounter(label: "f", dimensions: [])
                    let timer = registry.makeTimer(label: "d", dimensions: [])
                    for _ in 0..<1000 {
                        counter.increment(by: 1)
                        float.increment(by: 0.5)
                        timer.recordNanoseconds(1)
                    }
                }
            }
        }
        let text = text(registry)
        #expect(text.contains("n_total 8000\n"))
        #expect(text.contains("f_total 4000\n"))
        #expect(text.contains("d_seconds_count 8000\n"))
    }
}
