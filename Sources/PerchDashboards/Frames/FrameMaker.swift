import PerchModel

/// Makes frames of answers: one a series, or one table a query.
package enum FrameMaker {
    /// The frames, and a notice for each query that failed.
    package static func frames(_ data: PanelData) -> (frames: [Frame], notices: [PanelNotice]) {
        var frames: [Frame] = []
        var notices: [PanelNotice] = []
        let tables = data.answers.count { $0.query.shape == .table }
        for answer in data.answers {
            switch answer.body {
            case .failed(let reason):
                notices.append(.query(refID: answer.query.refID, reason: reason))
            case .lines(let lines): frames.append(logs(lines, answer.query))
            case .series(let series):
                if answer.query.shape == .table {
                    frames.append(table(series, answer.query, isOnly: tables == 1))
                } else {
                    frames += timeSeries(series, answer.query)
                }
            }
        }
        return (frames, notices)
    }

    private static func timeSeries(
        _ series: [PanelData.Series], _ query: PanelQuery
    ) -> [Frame] {
        let telling = query.legend == PanelTarget.autoLegend ? tellingLabels(series) : []
        return series.map { one in
            let legend = name(one, query, telling)
            return Frame(
                name: legend, refID: query.refID,
                fields: [
                    Field("Time", .times(one.times)),
                    Field("Value", .numbers(one.values), labels: one.labels, legend: legend),
                ])
        }
    }

    /// The labels in which series differ; a legend of all labels says the same many times.
    private static func tellingLabels(_ series: [PanelData.Series]) -> [String] {
        guard series.count > 1 else { return [] }
        var values: [String: Set<String>] = [:]
        var counts: [String: Int] = [:]
        for one in series {
            for label in one.labels {
                values[label.name, default: []].insert(label.value)
                counts[label.name, default: 0] += 1
            }
        }
        return values.filter { $0.value.count > 1 || counts[$0.key] != series.count }
            .keys.sorted()
    }

    private static func name(
        _ series: PanelData.Series, _ query: PanelQuery, _ telling: [String]
    ) -> String {
        switch query.legend {
        case PanelTarget.autoLegend:
            if telling.isEmpty {
                let metric = series.labels.first { $0.name == "__name__" }?.value
                if series.labels.isEmpty { return query.expression }
                return metric ?? FieldName.series(series.labels)
            }
            let labels = series.labels.filter { telling.contains($0.name) }
            if labels.count == 1 { return labels[0].value }
            return labels.isEmpty ? "{}" : FieldName.series(labels)
        case "":
            return series.labels.isEmpty ? query.expression : FieldName.series(series.labels)
        default:
            let text = FieldName.legend(query.legend, series.labels)
            return text.isEmpty ? FieldName.series(series.labels) : text
        }
    }

    /// Time, a column for each label, and the value.
    private static func table(
        _ series: [PanelData.Series], _ query: PanelQuery, isOnly: Bool
    ) -> Frame {
        let names = Set(series.flatMap { $0.labels.map(\.name) }).sorted()
        var times: [Int64] = []
        var values: [Double] = []
        var columns = [[String?]](repeating: [], count: names.count)
        for one in series {
            guard times.count + one.times.count <= Limits.cellsMax / (names.count + 2) else {
                break
            }
            let labels = Dictionary(
                one.labels.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            times += one.times
            values += one.values
            for (place, name) in names.enumerated() {
                columns[place] += Array(repeating: labels[name], count: one.times.count)
            }
        }
        var fields = [Field("Time", .times(times))]
        for (name, column) in zip(names, columns) { fields.append(Field(name, .texts(column))) }
        fields.append(Field(isOnly ? "Value" : "Value #\(query.refID)", .numbers(values)))
        return Frame(refID: query.refID, fields: fields)
    }

    private static func logs(_ lines: [PanelData.Line], _ query: PanelQuery) -> Frame {
        Frame(
            refID: query.refID,
            fields: [
                Field("labels", .texts(lines.map { json($0.labels) })),
                Field("Time", .times(lines.map { $0.timeNanos / 1_000_000 })),
                Field("Line", .texts(lines.map(\.text))),
            ])
    }

    private static func json(_ labels: [FrameLabel]) -> String {
        "{"
            + labels.map { JSONText.string($0.name) + ":" + JSONText.string($0.value) }
            .joined(separator: ",") + "}"
    }
}
