import PerchLogQL

/// The start page: every service at a glance.
package struct ServicesPage: Sendable {
    var range: TimeRange
    var overview: ServiceOverview

    package init(range: TimeRange, overview: ServiceOverview) {
        self.range = range
        self.overview = overview
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Services", .services) {
            tag(.div, .class("title")) {
                tag(.h1) { "Services" }
                rangeBar(range, frame) { Link("/", query: $0.query) }
            }
            rangeForm(Link("/"), [])
            tag(
                .div, .id("results"), .attribute("hx-get", Link("/", query: range.query).text),
                Fragment.target, Fragment.select, Fragment.swap,
                range.relative == nil ? nil : Fragment.trigger("every 10s")
            ) { results(frame) }
        }
    }

    private func results(_ frame: Frame) -> Markup {
        group {
            notices(overview.notices)
            if overview.services.isEmpty {
                teaching(frame, "Nothing has arrived in this time range")
            } else {
                tiles
                table(frame)
                tag(.p, .class("small")) {
                    "Requests are server and consumer spans, or HTTP server metrics where a "
                    "service sends no spans (marked M). Rates are over "
                    "\(Units.duration(overview.seconds * 1e9))."
                }
            }
        }
    }

    private var tiles: Markup {
        let rate = overview.services.reduce(0) { $0 + ($1.requestRate ?? 0) }
        let errors = overview.services.reduce(0) {
            $0 + ($1.requestRate ?? 0) * ($1.errorShare ?? 0)
        }
        let logs = overview.services.reduce(0) { $0 + $1.levels.total }
        let bad = overview.services.reduce(0) { $0 + $1.levels[.error] + $1.levels[.fatal] }
        return tag(.div, .class("tiles")) {
            tile("Services", Units.count(overview.services.count))
            tile("Requests", Units.rate(rate))
            tile("Failed", rate > 0 ? Units.share(errors / rate) : "–", isBad: errors > 0)
            tile("Log records", Units.number(Double(logs)))
            tile("Errors logged", Units.number(Double(bad)), isBad: bad > 0)
        }
    }

    private func tile(_ words: String, _ value: String, isBad: Bool = false) -> Markup {
        tag(.div, .class(isBad ? "tile bad" : "tile")) {
            tag(.span, .class("tile-words")) { words }
            tag(.span, .class("tile-value")) { value }
        }
    }

    private func table(_ frame: Frame) -> Markup {
        tag(.table, .class("services cards")) {
            tag(.caption, .class("visually-hidden")) { "Services with rate, errors and latency" }
            tag(.thead) {
                tag(.tr) {
                    for words in [
                        "Service", "Requests", "Failed", "p95", "Logs by level", "Last seen",
                    ] {
                        tag(.th, .attribute("scope", "col")) { words }
                    }
                }
            }
            tag(.tbody) {
                for service in overview.services { row(service, frame) }
            }
        }
    }

    private func row(_ service: ServiceSummary, _ frame: Frame) -> Markup {
        let query = range.query
        return tag(.tr) {
            tag(.th, .attribute("scope", "row")) {
                tag(.a, .href(Link("/traces", query: [("service", service.name)] + query))) {
                    serviceLabel(service.name)
                }
                if service.source == .metrics {
                    tag(.span, .class("badge"), .title("From metrics, not spans")) { "M" }
                }
            }
            cell("Requests", "number") {
                Chart.sparkline(service.requests, words: "Requests over time")
                tag(.span) { service.requestRate.map(Units.rate) ?? "–" }
            }
            cell("Failed", "number") {
                failed(service, query)
            }
            cell("p95", "number") { service.p95Nanos.map(Units.duration) ?? "–" }
            cell("Logs by level", "levels") { levels(service, query) }
            cell("Last seen", "seen") {
                if let seen = service.lastSeenNanos { frame.ago(seen) } else { "–" }
            }
        }
    }

    private func failed(
        _ service: ServiceSummary, _ query: [(name: StaticString, value: String?)]
    ) -> Markup {
        guard let share = service.errorShare else { return Markup("–") }
        guard share > 0, service.source == .spans else { return Markup(Units.share(share)) }
        return tag(
            .a, .class(share >= 0.01 ? "bad" : "some"),
            .href(Link("/traces", query: [("service", service.name), ("errors", "1")] + query))
        ) { Units.share(share) }
    }

    private func levels(
        _ service: ServiceSummary, _ query: [(name: StaticString, value: String?)]
    ) -> Markup {
        guard service.levels.total > 0 else { return tag(.span, .class("faint")) { "no logs" } }
        let link = { (level: String?) in
            Link("/logs", query: [("service", service.name), ("level", level)] + query)
        }
        return tag(.div, .class("level-cell")) {
            tag(.a, .href(link(nil)), .label("\(Units.count(service.levels.total)) log records")) {
                Chart.levelBar(service.levels)
            }
            tag(.div, .class("level-counts")) {
                for level in LogLevel.allCases.reversed() where service.levels[level] > 0 {
                    tag(.a, .class("level l-\(level.name)"), .href(link(level.name))) {
                        "\(Units.number(Double(service.levels[level]))) \(level.name)"
                    }
                }
                if service.levels[nil] > 0 {
                    tag(.span, .class("level l-none")) {
                        "\(Units.number(Double(service.levels[nil]))) other"
                    }
                }
            }
        }
    }

    private func cell(
        _ words: String, _ style: String, @MarkupBuilder _ content: () -> Markup
    ) -> Markup {
        tag(.td, .class(style), .attribute("data-label", words), content: content)
    }
}
