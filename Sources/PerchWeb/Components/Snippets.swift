/// What a reader who has no data yet can do about it, for four kinds of senders.
///
/// `wider` is the same page over a longer time, where that may have data.
func teaching(_ frame: Frame, _ words: String, wider: Link? = nil) -> Markup {
    tag(.section, .class("teach")) {
        tag(.h2) { words }
        if let wider, frame.range?.relative != .month1 {
            tag(.p) { tag(.a, .class("button"), .href(wider)) { "Look at 30 days" } }
        }
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
                title: "Prometheus", hint: "remote write, or let Perch scrape your targets",
                text: """
                    # in prometheus.yml of a Prometheus or an agent that runs already:
                    remote_write:
                      - url: \(origin)/api/v1/write

                    # or without one: name a file with scrape_configs in perch.yml
                    prometheus: prometheus.yml
                    """),
            Snippet(
                title: "JSON lines", hint: "pino, winston, structlog, or curl",
                text: """
                    echo '{"level":"info","service":"my-service","msg":"hello, perch"}' |
                      curl --data-binary @- -H 'Content-Type: application/x-ndjson' \\
                      \(origin)/ingest/json
                    """),
            Snippet(
                title: "Swift", hint: "the SDK in this package: logs, metrics, traces, health",
                text: """
                    import Perch
                    import ServiceLifecycle

                    let perch = try Perch.bootstrap()
                    let services: [any Service] = [perch, myServer]
                    try await ServiceGroup(services: services, logger: Logger(label: "main")).run()

                    // and start it with
                    // OTEL_SERVICE_NAME=my-service OTEL_EXPORTER_OTLP_ENDPOINT=\(origin) swift run
                    """),
        ]
    }
}
