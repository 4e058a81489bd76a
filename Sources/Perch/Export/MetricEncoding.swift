import PerchWire

extension ProtoWriter {
    /// A metric as `Metric` in field 2 of `ScopeMetrics`, its counts since `start`.
    ///
    /// Source: opentelemetry-proto, metrics/v1.
    mutating func metric(_ metric: MetricSnapshot, start: Int64, time: Int64) {
        message(field: 2) { writer in
            writer.text(field: 1, metric.name)
            if !metric.help.isEmpty { writer.text(field: 2, metric.help) }
            switch DurationUnit(suffixOf: metric.name) {
            case .seconds: writer.text(field: 3, "s")
            case .milliseconds: writer.text(field: 3, "ms")
            case nil: break
            }
            let field: UInt32 =
                switch metric.kind {
                case .gauge: 5
                case .counter: 7
                case .histogram: 9
                }
            writer.message(field: field) { writer in
                for series in metric.series {
                    writer.message(field: 1) { $0.point(series, start, time) }
                }
                guard metric.kind != .gauge else { return }
                // Cumulative.
                writer.varint(field: 2, 2)
                if metric.kind == .counter { writer.varint(field: 3, 1) }
            }
        }
    }

    private mutating func point(_ series: MetricSnapshot.Series, _ start: Int64, _ time: Int64) {
        fixed64(field: 2, UInt64(clamping: start))
        fixed64(field: 3, UInt64(clamping: time))
        switch series.value {
        case .number(let value):
            double(field: 4, value)
            for label in series.labels { attribute(field: 7, label.name, label.value) }
        case .histogram(let bounds, let counts):
            fixed64(field: 4, counts.count)
            double(field: 5, counts.sum)
            packed(field: 6, counts.buckets)
            packed(field: 7, bounds.map(\.bitPattern))
            for case .some(let exemplar) in counts.exemplars {
                message(field: 8) { writer in
                    writer.fixed64(field: 2, UInt64(clamping: exemplar.time))
                    writer.double(field: 3, exemplar.value)
                    writer.id(field: 4, exemplar.context.spanID)
                    writer.id(field: 5, exemplar.context.traceID)
                }
            }
            for label in series.labels { attribute(field: 9, label.name, label.value) }
        }
    }

    private mutating func packed(field: UInt32, _ values: [UInt64]) {
        guard !values.isEmpty else { return }
        var content: [UInt8] = []
        content.reserveCapacity(values.count * 8)
        for value in values {
            for shift in stride(from: 0, to: 64, by: 8) {
                content.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
            }
        }
        bytes(field: field, content)
    }
}
