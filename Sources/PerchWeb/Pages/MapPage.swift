import PerchModel

/// The service map: who calls whom, how often, and what fails.
package struct MapPage: Sendable {
    var range: TimeRange
    var calls: [ServiceCall]
    var overview: ServiceOverview

    package init(range: TimeRange, calls: [ServiceCall], overview: ServiceOverview) {
        self.range = range
        self.calls = calls
        self.overview = overview
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Map", .services) {
            tag(
                .div, .id("results"),
                range.relative == nil ? nil : Fragment.get(Link("/map", query: range.query)),
                Fragment.target, Fragment.select, Fragment.swap,
                range.relative == nil ? nil : Fragment.trigger("every 30s")
            ) {
                tag(.div, .class("title")) {
                    tag(.div) {
                        tag(.p, .class("crumbs")) {
                            tag(.a, .href(Link("/"))) { "Services" }
                        }
                        tag(.h1) { "Map" }
                    }
                    rangeBar(range, frame) { Link("/map", query: $0.query) }
                }
                rangeForm(Link("/map"), [])
                if calls.isEmpty {
                    teaching(frame, "No calls between services in this time range")
                } else {
                    drawing
                    table
                }
            }
        }
    }

    private static let nodeWidth = 176
    private static let nodeHeight = 46
    private static let columnWidth = 272
    private static let rowHeight = 66

    private var drawing: Markup {
        let layout = MapLayout(calls.map { ($0.client, $0.server) }, nodesMax: Limits.mapNodesMax)
        let width = max(1, layout.columnCount) * Self.columnWidth - 80
        let height = max(1, layout.rowCount) * Self.rowHeight + 12
        return group {
            if Set(calls.flatMap { [$0.client, $0.server] }).count > layout.nodes.count {
                notices(["The \(layout.nodes.count) busiest are drawn; the table has all."])
            }
            tag(.section, .class("card scroll map"), .label("Map of calls")) {
                tag(
                    .svg, .attribute("viewBox", "0 0 \(width) \(height)"),
                    .attribute("width", "\(width)"), .attribute("height", "\(height)"),
                    .attribute("role", "group"), .label("\(layout.nodes.count) places")
                ) {
                    for edge in layout.edges { line(edge, layout) }
                    for node in layout.nodes { box(node, layout) }
                }
            }
        }
    }

    private func corner(_ node: MapLayout.Node, _ layout: MapLayout) -> (x: Int, y: Int) {
        let count = layout.nodes.count { $0.column == node.column }
        let top = (layout.rowCount - count) * Self.rowHeight / 2
        return (node.column * Self.columnWidth + 8, top + node.row * Self.rowHeight + 10)
    }

    private func line(_ edge: MapLayout.Edge, _ layout: MapLayout) -> Markup {
        let call = calls[edge.call]
        let from = corner(layout.nodes[edge.from], layout)
        let to = corner(layout.nodes[edge.to], layout)
        let (startX, startY) = (from.x + Self.nodeWidth, from.y + Self.nodeHeight / 2)
        let (endX, endY) = (to.x, to.y + Self.nodeHeight / 2)
        let bend = max(40, abs(endX - startX) / 2)
        let width = 1 + min(5, max(0, call.requests / overview.seconds).squareRoot())
        let words =
            "\(call.client) to \(call.server): \(rate(call)), \(Units.share(call.errorShare)) failed"
        return tag(
            .path, .class(call.errorShare >= 0.01 ? "edge bad" : "edge"),
            .attribute(
                "d",
                "M\(startX),\(startY)C\(startX + bend),\(startY) \(endX - bend),\(endY) "
                    + "\(endX),\(endY)"),
            .attribute("stroke-width", Units.fixed(width, 1))
        ) { tag(.title) { words } }
    }

    private func rate(_ call: ServiceCall) -> String {
        Units.rate(call.requests / overview.seconds)
    }

    private func box(_ node: MapLayout.Node, _ layout: MapLayout) -> Markup {
        let place = corner(node, layout)
        let service = overview.services.first { $0.name == node.name }
        let kind = calls.first { $0.server == node.name }?.connection ?? ""
        let share = service?.errorShare
        let state = service?.state.name ?? "outside"
        let facts =
            service.map { service in
                [service.requestRate.map(Units.rate), share.map { Units.share($0) + " failed" }]
                    .compactMap(\.self).joined(separator: " · ")
            } ?? (kind == "database" ? "database" : "outside")
        let content = group {
            tag(
                .rect, .class("node \(state)"), .attribute("x", "\(place.x)"),
                .attribute("y", "\(place.y)"), .attribute("width", "\(Self.nodeWidth)"),
                .attribute("height", "\(Self.nodeHeight)"), .attribute("rx", "8"))
            tag(
                .text, .attribute("x", "\(place.x + 12)"), .attribute("y", "\(place.y + 20)")
            ) { cut(node.name, 22) }
            tag(
                .text, .class("fact"), .attribute("x", "\(place.x + 12)"),
                .attribute("y", "\(place.y + 36)")
            ) { facts }
        }
        guard service != nil else { return tag(.g) { content } }
        return tag(.a, .href(Link("/services", segment: node.name, query: range.query))) {
            content
        }
    }

    private var table: Markup {
        tag(.table, .class("cards")) {
            tag(.caption, .class("visually-hidden")) { "Calls" }
            tag(.thead) {
                tag(.tr) {
                    for words in ["From", "To", "Requests", "Failed", "p95"] {
                        tag(.th, .attribute("scope", "col")) { words }
                    }
                }
            }
            tag(.tbody) {
                for call in calls.prefix(500) {
                    tag(.tr) {
                        tag(.th, .attribute("scope", "row")) { cut(call.client, 80) }
                        tag(.td, .attribute("data-label", "To")) {
                            cut(call.server, 80)
                            if !call.connection.isEmpty {
                                " "
                                tag(.span, .class("badge")) { call.kind }
                            }
                        }
                        tag(.td, .class("number"), .attribute("data-label", "Requests")) {
                            rate(call)
                        }
                        tag(
                            .td, .class(call.errorShare >= 0.01 ? "number bad" : "number"),
                            .attribute("data-label", "Failed")
                        ) { Units.share(call.errorShare) }
                        tag(.td, .class("number"), .attribute("data-label", "p95")) {
                            call.p95Nanos.map(Units.duration) ?? "–"
                        }
                    }
                }
            }
        }
    }
}
