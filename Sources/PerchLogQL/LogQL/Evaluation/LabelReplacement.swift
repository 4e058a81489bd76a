import PerchModel
import PerchRegex

/// `label_replace`: writes a label of each series from another one.
struct LabelReplacement {
    private let destination: String
    private let template: RegexTemplate
    private let source: String
    private let regex: Regex

    init(
        _ destination: String, _ replacement: String, _ source: String, _ pattern: String
    ) throws(LogQLFailure) {
        self.destination = destination
        self.source = source
        template = RegexTemplate(replacement)
        regex = try TextTest.regex(pattern)
    }

    func apply(_ table: SeriesTable) throws(LogQLFailure) -> SeriesTable {
        var result = SeriesTable(stepCount: table.stepCount)
        var seen: Set<Labels> = []
        for series in 0..<table.count {
            var labels = table.labels(series)
            if let value = regex.expand(template: template, ifFullyMatches: labels[source] ?? "") {
                labels = Labels(
                    labels.pairs.filter { $0.name != destination } + [(destination, value)])
            }
            guard seen.insert(labels).inserted else {
                throw .badRequest("vector cannot contain metrics with the same labelset")
            }
            result.append(labels, table.row(series))
        }
        return result
    }
}
