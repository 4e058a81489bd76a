/// What a reader who has no data yet can do about it, for four kinds of senders.
func teaching(_ frame: Frame, _ words: String) -> Markup {
    tag(.section, .class("teach")) {
        tag(.h2) { words }
        tag(.p) {
            "Point what you already run at this server; nothing needs to be rewritten. "
            "From another machine, add an ingest key: "
            tag(.code) { "Authorization: Bearer KEY" }
            "."
        }
        for (index, snippet) in Snippet.all(frame.origin).enumerated() {
            tag(
                .details, .attribute("name", "snippets"), .class("snippet"),
                .flag("open", when: index == 0)
            ) {
                tag(.summary) {
                    tag(.strong) { snippet.title }
                    tag(.span) { snippet.hint }
                }
                tag(.div, .class("code")) {
                    tag(.button, .type("button"), .class("quiet copy"), .flag("data-copy")) {
                        "Copy"
                    }
                    tag(.pre) { tag(.code) { snippet.text } }
                }
            }
        }
    }
}

private struct Snippet {
    var title: String
    var hint: String
    var text: String

    static func all(_ origin: String) -> [Snippet] {
        [
            Snippet(
                title: "OpenTelemetry", hint: "any language with an SDK or agent",
                text: """
                    export OTEL_SERVICE_NAME=my-service
                    export OTEL_EXPORTER_OTLP_ENDPOINT=\(origin)
                    export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
                    export OTEL_LOGS_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp OTEL_TRACES_EXPORTER=otlp
                    # then start your program as usual
                    """),
            Snippet(
                title: "Prometheus", hint: "exporters, through the OpenTelemetry collector",
                text: """
                    receivers:
                      prometheus:
                        config:
                          scrape_configs:
                            - job_name: my-service
                              static_configs: [{targets: ["127.0.0.1:8080"]}]
                    exporters:
                      otlphttp:
                        endpoint: \(origin)
                    service:
                      pipelines:
                        metrics: {receivers: [prometheus], exporters: [otlphttp]}
                    """),
            Snippet(
                title: "JSON lines", hint: "pino, winston, structlog, or curl",
                text: """
                    echo '{"level":"info","service":"my-service","msg":"hello, perch"}' |
                      curl --data-binary @- -H 'Content-Type: application/x-ndjson' \\
                      \(origin)/ingest/json
                    """),
            Snippet(
                title: "Swift", hint: "swift-otel, for swift-log, swift-metrics and tracing",
                text: """
                    // .package(url: "https://github.com/swift-otel/swift-otel.git", from: "1.0.0")
                    import OTel
                    import ServiceLifecycle

                    let observability = try OTel.bootstrap()
                    let services: [any Service] = [observability, myServer]
                    try await ServiceGroup(services: services, logger: Logger(label: "main")).run()

                    // and start it with
                    // OTEL_SERVICE_NAME=my-service OTEL_EXPORTER_OTLP_ENDPOINT=\(origin) swift run
                    """),
        ]
    }
}
