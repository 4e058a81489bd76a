package import PerchModel

/// Which metrics and labels make the most series.
package struct CardinalityPage: Sendable {
    var cardinality: Cardinality

    package init(cardinality: Cardinality) {
        self.cardinality = cardinality
    }

    package func html(_ frame: Frame) -> Markup {
        frame.page("Cardinality", .metrics) {
            tag(.p, .class("crumbs")) {
                tag(.a, .href(Link("/explore"))) { "Metrics" }
            }
            tag(.div, .class("title")) { tag(.h1) { "Cardinality" } }
            if cardinality.seriesCount == 0 {
                teaching(frame, "No series is written to now")
            } else {
                tag(.p) {
                    tag(.strong) { Units.count(cardinality.seriesCount) }
                    " series are written to now, with "
                    tag(.strong) { Units.count(cardinality.pairCount) }
                    " different pairs of a label and a value."
                }
                tag(.div, .class("grid")) {
                    table("Metrics by series", "Metric", "Series", cardinality.seriesByMetric) {
                        Link("/explore", query: [("expr", $0)])
                    }
                    table("Labels by values", "Label", "Values", cardinality.valuesByLabel)
                    table("Pairs by series", "Label and value", "Series", cardinality.seriesByPair)
                }
            }
        }
    }

    private func table(
        _ title: String, _ name: String, _ count: String, _ rows: [Cardinality.Row],
        _ link: (String) -> Link? = { _ in nil }
    ) -> Markup {
        let high = max(1, rows.first?.count ?? 1)
        return tag(.section, .class("card w4")) {
            tag(.header) { tag(.h2) { title } }
            tag(.table) {
                tag(.thead) {
                    tag(.tr) {
                        tag(.th, .attribute("scope", "col")) { name }
                        tag(.th, .attribute("scope", "col")) { count }
                    }
                }
                tag(.tbody) {
                    for row in rows {
                        tag(.tr) {
                            tag(.th, .attribute("scope", "row")) {
                                if let link = link(row.name) {
                                    tag(.a, .href(link)) {
                                        tag(.code) { breakable(cut(row.name, 80)) }
                                    }
                                } else {
                                    tag(.code) { breakable(cut(row.name, 80)) }
                                }
                            }
                            tag(.td, .class("number")) {
                                tag(
                                    .svg, .class("length"), .attribute("viewBox", "0 0 100 6"),
                                    .attribute("preserveAspectRatio", "none"), .hidden
                                ) {
                                    tag(
                                        .rect, .attribute("height", "6"),
                                        .attribute(
                                            "width",
                                            Units.fixed(Double(row.count) / Double(high) * 100, 1)))
                                }
                                Units.count(row.count)
                            }
                        }
                    }
                }
            }
        }
    }
}
