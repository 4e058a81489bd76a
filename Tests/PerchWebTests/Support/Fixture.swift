import PerchModel
import PerchWeb

/// A small shop at a fixed time, the same in every run.
enum Fixture {
    /// 2026-11-21T05:45:00Z.
    static let now: Int64 = 1_795_239_900_000_000_000
    static let second: Int64 = 1_000_000_000
    static let minute: Int64 = 60 * second

    static var frame: Frame {
        Frame(
            nowNanos: now, origin: "http://127.0.0.1:9700", user: "ada", isAdmin: true,
            csrf: "token-of-this-form", hasVendorAssets: true)
    }

    static let range = TimeRange(.hour1, now: now)

    static func resource(_ service: String) -> Resource {
        Resource([
            .init(key: "service.name", value: .string(service)),
            .init(key: "service.version", value: .string("1.4.2")),
            .init(key: "host.name", value: .string("shop-1")),
        ])
    }

    static func traceID(_ number: Int) -> [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: number &* 37 &+ $0 &* 11 &+ 1) }
    }

    static func spanID(_ number: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number &* 53 &+ $0 &* 7 &+ 1) }
    }

    /// One trace every 40 s: an API call with a database query and a payment that sometimes fails.
    static var spans: EventBatch {
        var builder = EventBatchBuilder(dataset: .spans)
        let api = builder.intern(resource("shop-api"))
        let payments = builder.intern(resource("payments"))
        let routes = ["GET /products", "POST /orders", "GET /orders/{id}"]
        for number in 0..<80 {
            let start = now - Int64(80 - number) * 40 * second
            let fails = number % 9 == 4
            let length = Int64(18 + number * 7 % 90) * 1_000_000 * (fails ? 11 : 1)
            span(
                &builder, api, trace: number, id: number * 4, parent: nil,
                name: routes[number % 3], kind: 2, start: start, duration: length, fails: fails)
            builder.set(
                .attribute, "http.route",
                .string(routes[number % 3].split(separator: " ").last.map(String.init) ?? ""))
            builder.set(.attribute, "http.response.status_code", .int(fails ? 502 : 200))
            span(
                &builder, api, trace: number, id: number * 4 + 1, parent: number * 4,
                name: "SELECT products", kind: 3, start: start + length / 20, duration: length / 5,
                fails: false)
            builder.set(.attribute, "db.system.name", .string("sqlite"))
            span(
                &builder, payments, trace: number, id: number * 4 + 2, parent: number * 4,
                name: "POST /charge", kind: 2, start: start + length / 3, duration: length / 2,
                fails: fails)
            guard fails else { continue }
            builder.set(.record, "status_message", .string("card network timed out"))
            let event = """
                [{"time":\(start + length / 2),"name":"exception","attributes":\
                {"exception.type":"PaymentTimeout","exception.message":"no answer in 1 s"}}]
                """
            builder.set(.record, "events", .json(event))
        }
        return builder.batch
    }

    private static func span(
        _ builder: inout EventBatchBuilder, _ resource: UInt32, trace: Int, id: Int, parent: Int?,
        name: String, kind: Int64, start: Int64, duration: Int64, fails: Bool
    ) {
        builder.beginRow(timeNanos: start, resource: resource)
        builder.set(.record, "trace_id", .id(traceID(trace)))
        builder.set(.record, "span_id", .id(spanID(id)))
        if let parent { builder.set(.record, "parent_span_id", .id(spanID(parent))) }
        builder.set(.record, "name", .string(name))
        builder.set(.record, "kind", .int(kind))
        builder.set(.record, "duration", .int(duration))
        builder.set(.record, "status_code", .int(fails ? 2 : 0))
    }

    /// A record every 9 s from three services, some in the trace of its time.
    static var logs: EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        let services = ["shop-api", "payments", "worker"].map { builder.intern(resource($0)) }
        let lines: [(Int64, String, String)] = [
            (9, "INFO", "order 4711 placed"),
            (5, "DEBUG", "cache hit for product list"),
            (9, "INFO", "charged 49.90 EUR"),
            (13, "WARN", "queue is 320 jobs long, oldest waits 14 s"),
            (9, "INFO", "GET /products 200 in 23 ms"),
            (17, "ERROR", "payment failed: card network timed out\nretry 1 of 3 in 2 s"),
            (9, "INFO", "resized 3 images"),
            (0, "audit", "user 17 changed the price of product 3"),
        ]
        for number in 0..<360 {
            let (level, word, body) = lines[number * 5 % 8]
            let time = now - Int64(360 - number) * 9 * second + Int64(number % 7) * 1_000_000
            builder.beginRow(timeNanos: time, resource: services[number % 3])
            if level > 0 { builder.set(.record, "severity_number", .int(level)) }
            builder.set(.record, "severity_text", .string(word))
            builder.set(.record, "body", .string(body))
            builder.set(.attribute, "http.route", .string("/orders"))
            builder.set(.attribute, "attempt", .int(Int64(number % 4)))
            if number % 4 == 0 {
                builder.set(.record, "trace_id", .id(traceID(number * 9 / 40)))
                builder.set(.record, "span_id", .id(spanID(number)))
            }
        }
        // One far-out burst, as incidents make.
        for number in 0..<60 {
            builder.beginRow(
                timeNanos: now - 25 * minute + Int64(number) * second, resource: services[1])
            builder.set(.record, "severity_number", .int(number % 10 == 0 ? 21 : 17))
            builder.set(.record, "body", .string("upstream answered 503, circuit opened"))
        }
        return builder.batch
    }

    static var events: MemoryEvents { MemoryEvents(batches: [spans, logs]) }

    /// Two instances of a counter, one with a reset; a gauge; the HTTP metrics of a third service.
    static var samples: MemorySamples {
        var series: [SeriesChunk] = []
        let end = now / 1_000_000
        for (instance, slope) in [("a", 30.0), ("b", 12.0)] {
            var chunk = SeriesChunk(
                labels: Labels([
                    ("__name__", "shop_orders_total"), ("instance", instance), ("job", "shop-api"),
                    ("route", instance == "a" ? "/orders" : "/products"),
                ]))
            for step in 0..<120 {
                chunk.times.append(end - Int64(119 - step) * 30_000)
                let since = instance == "a" && step >= 60 ? step - 60 : step
                chunk.values.append(Double(since) * slope + Double(step * step % 7))
            }
            series.append(chunk)
        }
        var gauge = SeriesChunk(
            labels: Labels([("__name__", "queue_length"), ("job", "worker"), ("queue", "images")]))
        for step in 0..<120 {
            gauge.times.append(end - Int64(119 - step) * 30_000)
            gauge.values.append(Double(abs(60 - step) + step * 7 % 13))
        }
        series.append(gauge)
        for (status, slope) in [("200", 97.0), ("500", 3.0)] {
            series.append(
                counter(
                    "http_server_request_duration_seconds_count",
                    [("http_response_status_code", status)], slope))
        }
        for (bound, slope) in [("0.1", 50.0), ("0.2", 90.0), ("0.4", 100.0), ("+Inf", 100.0)] {
            series.append(
                counter("http_server_request_duration_seconds_bucket", [("le", bound)], slope))
        }
        series += spanMetrics
        return MemorySamples(
            series: series,
            families: [
                MetricMetadata(
                    family: "shop_orders", type: .counter, unit: "", help: "Orders placed."),
                MetricMetadata(
                    family: "queue_length", type: .gauge, unit: "jobs", help: "Jobs that wait."),
                MetricMetadata(
                    family: "http_server_request_duration_seconds", type: .histogram,
                    unit: "seconds", help: "Duration of HTTP server requests."),
            ])
    }

    /// What the server would have counted of ``spans``, every 15 s, each from a zero on.
    private static var spanMetrics: [SeriesChunk] {
        struct Request {
            var time: Int64
            var length: Int64
            var fails: Bool
        }
        let requests = (0..<80).map { number in
            let fails = number % 9 == 4
            return Request(
                time: now - Int64(80 - number) * 40 * second,
                length: Int64(18 + number * 7 % 90) * (fails ? 11 : 1), fails: fails)
        }
        var series: [SeriesChunk] = []
        func add(
            _ name: String, _ labels: [(name: String, value: String)],
            where counts: (Request) -> Bool
        ) {
            var chunk = SeriesChunk(labels: Labels([("__name__", name)] + labels))
            for step in 0...240 {
                let time = now - Int64(240 - step) * 15 * second
                chunk.times.append(time / 1_000_000)
                chunk.values.append(Double(requests.count { $0.time < time && counts($0) }))
            }
            series.append(chunk)
        }
        for (service, name) in [("shop-api", "GET /products"), ("payments", "POST /charge")] {
            for fails in [false, true] {
                let labels = [
                    ("service_name", service), ("span_name", name),
                    ("span_kind", "SPAN_KIND_SERVER"),
                    ("status_code", fails ? "STATUS_CODE_ERROR" : "STATUS_CODE_UNSET"),
                ]
                add("traces_span_metrics_calls_total", labels) { $0.fails == fails }
                for bound in [50, 100, 500, 2_000] {
                    add(
                        "traces_span_metrics_duration_milliseconds_bucket",
                        labels + [("le", String(bound))]
                    ) { $0.fails == fails && $0.length <= bound }
                }
                add(
                    "traces_span_metrics_duration_milliseconds_bucket",
                    labels + [("le", "+Inf")]
                ) { $0.fails == fails }
            }
        }
        let edge = [("client", "shop-api"), ("server", "payments")]
        add("traces_service_graph_request_total", edge) { _ in true }
        add("traces_service_graph_request_failed_total", edge) { $0.fails }
        return series
    }

    private static func counter(
        _ name: String, _ labels: [(name: String, value: String)], _ slope: Double
    ) -> SeriesChunk {
        var chunk = SeriesChunk(
            labels: Labels([("__name__", name), ("job", "shop/catalog")] + labels))
        for step in 0...10 {
            chunk.times.append(now / 1_000_000 - Int64(10 - step) * 100_000)
            chunk.values.append(Double(step) * slope)
        }
        return chunk
    }

    /// DB-14: no ids, no grid, no data source.
    static let dashboard = """
        {"title": "Starter", "panels": [
          {"type": "graph", "title": "Orders", "targets": [{"expr": "rate(shop_orders_total[5m])"}]},
          {"type": "stat", "title": "Queue", "targets": [{"expr": "queue_length"}]}
        ]}
        """

    static var cardinality: Cardinality {
        var cardinality = Cardinality()
        cardinality.seriesCount = 30
        cardinality.pairCount = 41
        cardinality.seriesByMetric = [.init(name: "shop_orders_total", count: 20)]
        cardinality.valuesByLabel = [.init(name: "route", count: 9), .init(name: "le", count: 5)]
        cardinality.seriesByPair = [.init(name: "job=shop-api", count: 12)]
        return cardinality
    }

    static var queries: PageQueries { PageQueries(events: events, samples: samples) }
}
