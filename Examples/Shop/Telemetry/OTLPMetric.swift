/// One metric of one service, ready to be written as OTLP.
struct Metric {
    /// Totals since the start of the process.
    private static let cumulative = 2

    let service: Int
    let instrument: Instrument
    let start: Int64
    let end: Int64
    let points: [(attributes: Attributes, point: MetricState.Point)]

    func write(to text: inout JSONText) {
        text.object { text in
            text.key("name")
            text.string(instrument.name)
            text.key("unit")
            text.string(instrument.unit)
            text.key("description")
            text.string(instrument.description)
            switch instrument.kind {
            case .gauge:
                text.key("gauge")
                text.object { writePoints(to: &$0, writeNumber) }
            case .counter, .upDownCounter:
                text.key("sum")
                text.object { text in
                    text.key("aggregationTemporality")
                    text.number(Self.cumulative)
                    text.key("isMonotonic")
                    text.bool(instrument.kind == .counter)
                    writePoints(to: &text, writeNumber)
                }
            case .histogram(let bounds):
                text.key("histogram")
                text.object { text in
                    text.key("aggregationTemporality")
                    text.number(Self.cumulative)
                    writePoints(to: &text) { writeHistogram($1, bounds, to: &$0) }
                }
            }
        }
    }

    private func writePoints(
        to text: inout JSONText, _ body: (inout JSONText, MetricState.Point) -> Void
    ) {
        text.key("dataPoints")
        text.array(points) { text, entry in
            text.object { text in
                text.attributes(entry.attributes)
                text.key("startTimeUnixNano")
                text.quoted(start)
                text.key("timeUnixNano")
                text.quoted(end)
                body(&text, entry.point)
            }
        }
    }

    private func writeNumber(to text: inout JSONText, _ point: MetricState.Point) {
        text.key("asDouble")
        text.number(point.value)
    }

    private func writeHistogram(
        _ point: MetricState.Point, _ bounds: [Double], to text: inout JSONText
    ) {
        text.key("count")
        text.quoted(point.count)
        text.key("sum")
        text.number(point.value)
        text.key("min")
        text.number(point.minimum)
        text.key("max")
        text.number(point.maximum)
        text.key("bucketCounts")
        text.array(point.buckets) { $0.quoted($1) }
        text.key("explicitBounds")
        text.array(bounds) { $0.number($1) }
        guard let exemplar = point.exemplar else { return }
        text.key("exemplars")
        text.array(CollectionOfOne(exemplar)) { text, exemplar in
            text.object { text in
                text.key("timeUnixNano")
                text.quoted(exemplar.time)
                text.key("asDouble")
                text.number(exemplar.value)
                text.identity(exemplar.context)
            }
        }
    }
}
