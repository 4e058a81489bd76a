import PerchLogQL
import PerchModel

/// The start page: what is on fire, what changed, and every service at a glance.
package struct HomePage: Sendable {
    var range: TimeRange
    var overview: ServiceOverview

    package init(range: TimeRange, overview: ServiceOverview) {
        self.range = range
        self.overview = overview
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Home", .services) {
            tag(
                // Without a trigger of its own, a request would follow each click.
                .div, .id("results"),
                range.relative == nil ? nil : Fragment.get(Link("/", query: range.query)),
                Fragment.target, Fragment.select, Fragment.swap,
                range.relative == nil ? nil : Fragment.trigger("every 10s")
            ) {
                tag(.div, .class("title")) {
                    headline
                    rangeBar(range, frame) { Link("/", query: $0.query) }
                }
                rangeForm(Link("/"), [])
                results(frame)
            }
        }
    }

    private var troubled: [ServiceSummary] { overview.services.filter { $0.state != .good } }

    /// The answer to the question with which the page is opened.
    private var headline: Markup {
        let bad = troubled.count { $0.state == .bad }
        let words: String =
            switch (overview.services.isEmpty, bad, troubled.count) {
            case (true, _, _): "Welcome"
            case (_, 0, 0): "All services are well"
            case (_, 0, 1): "One service needs a look"
            case (_, 0, let count): "\(count) services need a look"
            case (_, 1, _): "One service is in trouble"
            case (_, let count, _): "\(count) services are in trouble"
            }
        let grade: Trouble.Grade = bad > 0 ? .bad : troubled.isEmpty ? .good : .warn
        return tag(.h1, .class("headline \(grade.name)")) {
            if !overview.services.isEmpty {
                tag(.span, .class("state \(grade.name)"), .hidden)
            }
            words
        }
    }

    private func results(_ frame: Frame) -> Markup {
        group {
            notices(overview.notices)
            if overview.services.isEmpty {
                teaching(
                    frame, "Nothing has arrived in this time range",
                    wider: Link("/", query: [("range", "30d")]))
            } else {
                fires(frame)
                tiles
                table(frame)
                tag(.div, .class("grid")) {
                    changes(frame)
                    errors(frame)
                }
                tag(.p, .class("links")) {
                    tag(.a, .class("button"), .href(Link("/map", query: range.query))) {
                        "Map of services"
                    }
                }
                tag(.p, .class("small")) {
                    "Requests are server and consumer spans, or HTTP server metrics where a "
                    "service sends no spans (marked M). Rates are over "
                    "\(Units.duration(overview.seconds * 1e9))"
                    range.seconds > Double(Limits.latencySecondsMax)
                        ? ", durations are of the last hour." : "."
                }
            }
        }
    }

    // MARK: What is on fire

    private func fires(_ frame: Frame) -> Markup {
        guard !troubled.isEmpty else { return .empty }
        return tag(.section, .class("fires"), .label("What is on fire")) {
            for service in troubled { fire(service, frame) }
        }
    }

    private func fire(_ service: ServiceSummary, _ frame: Frame) -> Markup {
        tag(.article, .class("fire \(service.state.name)")) {
            tag(.h2) {
                tag(.a, .href(Self.link(service.name, range))) { serviceLabel(service.name) }
                tag(.span, .class("badge \(service.state.name)")) {
                    service.state == .bad ? "on fire" : "look"
                }
            }
            tag(.ul) {
                for trouble in service.troubles { tag(.li) { trouble.words } }
            }
            if let group = telling(service.name) {
                tag(.a, .class("clip"), .href(link(group)), .title("The most frequent error")) {
                    cut(group.example, 160)
                }
            }
            if let deploy = service.deploy, frame.nowNanos &- deploy.timeNanos < 7_200_000_000_000 {
                tag(.p, .class("small")) {
                    tag(.bdi) { cut(deploy.version, 40) }
                    " was deployed "
                    frame.ago(deploy.timeNanos)
                }
            }
            tag(.p, .class("links")) {
                for (index, way) in ways(service).enumerated() {
                    tag(.a, .class(index == 0 ? "button primary" : "button"), .href(way.link)) {
                        way.words
                    }
                }
                tag(.a, .class("button"), .href(Self.link(service.name, range))) { "Service" }
            }
        }
    }

    /// Where to look further, by what is worst.
    private func ways(_ service: ServiceSummary) -> [(words: String, link: Link)] {
        let own: [(name: StaticString, value: String?)] = [("service", service.name)]
        let failed = (
            "Failed traces", Link("/traces", query: own + [("errors", "1")] + range.query)
        )
        let logs = ("Error logs", Link("/logs", query: own + [("level", "error")] + range.query))
        switch service.troubles.first?.kind {
        case .saturation:
            let question = service.saturation?.question
            return [
                ("Its measure", Link("/explore", query: [("expr", question)] + range.query)), logs,
            ]
        case .latency:
            let slow = Link("/traces", query: own + [("order", "slowest")] + range.query)
            return [("Slow traces", slow), logs]
        case .fatal: return [logs, failed]
        case .silence:
            return [("Its last logs", Link("/logs", query: own + range.query))]
        case .errors, nil: return [failed, logs]
        }
    }

    /// What fails, in the most words: loggers often tell of one failure twice, once without a cause.
    private func telling(_ service: String) -> ErrorGroup? {
        let groups = overview.errors.filter { $0.service == service }
        return groups.filter { $0.count * 2 >= groups[0].count }
            .max { $0.example.utf8.count < $1.example.utf8.count }
    }

    static func link(_ service: String, _ range: TimeRange) -> Link {
        Link("/services", segment: service, query: range.query)
    }

    // MARK: All services

    private var tiles: Markup {
        let services = overview.services
        let rate = services.reduce(0) { $0 + ($1.requestRate ?? 0) }
        let errors = services.reduce(0) { $0 + ($1.requestRate ?? 0) * ($1.errorShare ?? 0) }
        let logs = services.reduce(0) { $0 + $1.levels.total }
        let bad = services.reduce(0) { $0 + $1.levels[.error] + $1.levels[.fatal] }
        return tag(.div, .class("tiles")) {
            tile("Services", Units.count(services.count))
            tile("Requests", Units.rate(rate))
            tile("Failed", rate > 0 ? Units.share(errors / rate) : "–", isBad: errors > rate * 0.01)
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
            tag(.caption, .class("visually-hidden")) {
                "Services with requests, failures, latency and saturation"
            }
            tag(.thead) {
                tag(.tr) {
                    for words in [
                        "Service", "Requests", "Failed", "p50", "p95", "Saturation",
                        "Logs by level",
                        "Last deploy", "Last seen",
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
        tag(.tr) {
            tag(.th, .attribute("scope", "row")) {
                tag(
                    .span, .class("state \(service.state.name)"),
                    .title(service.troubles.first?.words ?? "nothing is wrong"))
                " "
                tag(.a, .href(Self.link(service.name, range))) {
                    tag(.span, .class("service-name")) { service.name }
                }
                if service.health?.source == .metrics {
                    tag(.span, .class("badge"), .title("From metrics, not spans")) { "M" }
                }
            }
            cell("Requests", "number") {
                Chart.sparkline(service.requests, words: "Requests over time")
                tag(.span) { service.requestRate.map(Units.rate) ?? "–" }
            }
            cell("Failed", "number") { failed(service) }
            cell("p50", "number") { service.p50Nanos.map(Units.duration) ?? "–" }
            cell("p95", "number") { service.p95Nanos.map(Units.duration) ?? "–" }
            cell("Saturation", service.saturation == nil ? "number none" : "number") {
                fullest(service)
            }
            cell("Logs by level", "levels") { levels(service) }
            cell("Last deploy", service.deploy == nil ? "seen none" : "seen") {
                if let deploy = service.deploy {
                    tag(.span, .class("badge")) { cut(deploy.version, 24) }
                    " "
                    frame.ago(deploy.timeNanos)
                } else {
                    "–"
                }
            }
            cell("Last seen", "seen") {
                if let seen = service.lastSeenNanos { frame.ago(seen) } else { "–" }
            }
        }
    }

    private func fullest(_ service: ServiceSummary) -> Markup {
        guard let saturation = service.saturation else { return Markup("–") }
        let grade = saturation.share >= 0.9 ? "bad" : saturation.share >= 0.8 ? "warn" : ""
        return tag(.span, .class(grade), .title(saturation.words)) {
            Units.share(saturation.share)
        }
    }

    private func failed(_ service: ServiceSummary) -> Markup {
        guard let share = service.errorShare else { return Markup("–") }
        guard share > 0, service.health?.source == .spans else { return Markup(Units.share(share)) }
        return tag(
            .a, .class(share >= 0.01 ? "bad" : "some"),
            .href(
                Link("/traces", query: [("service", service.name), ("errors", "1")] + range.query))
        ) { Units.share(share) }
    }

    private func levels(_ service: ServiceSummary) -> Markup {
        guard service.levels.total > 0 else { return tag(.span, .class("faint")) { "no logs" } }
        let link = { (level: String?) in
            Link("/logs", query: [("service", service.name), ("level", level)] + range.query)
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

    // MARK: What is new

    private func changes(_ frame: Frame) -> Markup {
        tag(.section, .class("card w6")) {
            tag(.header) { tag(.h2) { "What changed in the last hour" } }
            tag(.div, .class("body")) {
                if overview.changes.isEmpty {
                    tag(.p, .class("faint")) {
                        "Nothing: rates, failures and durations are as in the hour before, and "
                        "nobody told of a deploy."
                    }
                } else {
                    tag(.ul, .class("list")) {
                        for change in overview.changes.prefix(12) {
                            tag(.li) {
                                tag(.a, .href(Self.link(change.service, range))) {
                                    serviceLabel(change.service)
                                }
                                tag(.span, .class(change.isWorse ? "grow bad" : "grow")) {
                                    if let deploy = change.deploy {
                                        "deployed "
                                        tag(.bdi) { cut(deploy.version, 60) }
                                        if !deploy.environment.isEmpty {
                                            " to "
                                            tag(.bdi) { cut(deploy.environment, 40) }
                                        }
                                    } else {
                                        change.words
                                    }
                                }
                                if let deploy = change.deploy { frame.ago(deploy.timeNanos) }
                            }
                        }
                    }
                }
            }
        }
    }

    private func errors(_ frame: Frame) -> Markup {
        tag(.section, .class("card w6")) {
            tag(.header) { tag(.h2) { "Errors of the last hour" } }
            tag(.div, .class("body")) {
                if overview.errors.isEmpty {
                    tag(.p, .class("faint")) { "No record of level error or above." }
                } else {
                    tag(.ul, .class("list")) {
                        for group in overview.errors {
                            tag(.li) {
                                tag(.b, .class("number count")) {
                                    Units.number(Double(group.count))
                                }
                                tag(.span, .class("grow")) {
                                    tag(.a, .class("clip"), .href(link(group))) {
                                        cut(group.example, 160)
                                    }
                                    serviceLabel(group.service)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The records of a form, which are of the last hour of the range.
    private func link(_ group: ErrorGroup) -> Link {
        var query: [(name: StaticString, value: String?)] = [
            ("service", group.service), ("level", "error"), ("q", Self.search(group)),
        ]
        if !range.isLive {
            let end = range.nanos.upperBound
            query += TimeRange(from: end &- 3_600_000_000_000, to: end).query
        }
        return Link("/logs", query: query)
    }

    /// The longest part of a form without a variable, as a phrase.
    private static func search(_ group: ErrorGroup) -> String? {
        let parts = group.pattern.split(whereSeparator: { $0 == "<" || $0 == ">" || $0.isNewline })
            .map { $0.trimmingBlanks }
            .filter { !["n", "id", "ip", "*"].contains($0) }
        guard let longest = parts.max(by: { $0.utf8.count < $1.utf8.count }), longest.count > 2
        else { return nil }
        let text = longest.prefix(120).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(text)\""
    }
}

extension StringProtocol {
    fileprivate var trimmingBlanks: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}
