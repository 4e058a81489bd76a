import PerchDashboards
import PerchModel

/// What is marked on every chart of a dashboard: deploys (RUN-4), and the annotations of its file.
struct DashboardMarks: Sendable {
    let view: DashboardView
    let queries: PageQueries
    let answers: PanelAnswers

    func marks() async -> [TimeChart.Mark] {
        var marks = await deploys()
        for annotation in view.dashboard.annotations
        where annotation.isEnabled && !annotation.expression.isEmpty {
            marks += await self.marks(annotation)
        }
        return Array(marks.prefix(Limits.marksMax))
    }

    /// Of the services that the dashboard's variable names, else of all.
    private func deploys() async -> [TimeChart.Mark] {
        let chosen = ["service", "service_name", "job"].compactMap { view.state[$0] }
            .first { !$0.isAll && !$0.selected.isEmpty }
        let names = chosen.map { Set($0.selected.map(\.value)) }
        return await queries.deploys(view.range.nanos).filter { deploy in
            names.map { $0.contains(deploy.service) } ?? true
        }.map { deploy in
            TimeChart.Mark(
                timeNanos: deploy.timeNanos, words: "\(deploy.service) \(deploy.version) deployed",
                link: Link("/services", segment: deploy.service))
        }
    }

    /// A line of a log is a mark; values of a series that follow each other above zero are a stretch.
    private func marks(_ annotation: DashboardAnnotation) async -> [TimeChart.Mark] {
        let isLoki = annotation.dataSource?.kind == .loki
        let expression = Interpolator(
            scope: view.state.scope, policy: isLoki ? .loki : .prometheus
        ).text(annotation.expression)
        let times = DashboardView.times(view.range)
        let step = max(60_000, (times.toMillis - times.fromMillis) / Limits.annotationStepsMax)
        let found = await answers.annotation(expression, isLoki: isLoki, times, stepMillis: step)
        switch found {
        case .failed: return []
        case .lines(let lines):
            return lines.map { line in
                mark(annotation, line.labels, line.timeNanos, nil, otherwise: line.text)
            }
        case .series(let series):
            return series.flatMap { series -> [TimeChart.Mark] in
                var marks: [TimeChart.Mark] = []
                var begin: Int64?
                var last: Int64 = 0
                func close() {
                    guard let start = begin else { return }
                    marks.append(
                        mark(
                            annotation, series.labels, start &* 1_000_000,
                            last > start ? last &* 1_000_000 : nil, otherwise: annotation.name))
                    begin = nil
                }
                for (time, value) in zip(series.times, series.values) {
                    if begin != nil, time - last > step { close() }
                    if value > 0 {
                        begin = begin ?? time
                        last = time
                    } else {
                        close()
                    }
                }
                close()
                return marks
            }
        }
    }

    private func mark(
        _ annotation: DashboardAnnotation, _ labels: [FrameLabel], _ from: Int64, _ to: Int64?,
        otherwise: String
    ) -> TimeChart.Mark {
        let words = [annotation.titleTemplate, annotation.textTemplate]
            .filter { !$0.isEmpty }
            .map { template in
                labels.reduce(template) { $0.replacing("{{\($1.name)}}", with: $1.value) }
            }.joined(separator: ": ")
        var mark = TimeChart.Mark(
            timeNanos: from, words: cut(words.isEmpty ? otherwise : words, 200))
        mark.endNanos = to
        mark.colour = "--warm"
        return mark
    }
}
