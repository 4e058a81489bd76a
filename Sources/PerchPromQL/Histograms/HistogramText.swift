import PerchModel

extension NativeHistogram {
    /// The histogram as `count_values` makes it a label.
    var text: String {
        var text = "{count:\(NumberText.general(count)), sum:\(NumberText.general(sum))"
        func append(_ bucket: HistogramBucket) {
            text += ", " + (bucket.includesLower ? "[" : "(")
            text += "\(NumberText.general(bucket.lower)),\(NumberText.general(bucket.upper))"
            text += (bucket.includesUpper ? "]" : ")") + ":\(NumberText.general(bucket.count))"
        }
        for bucket in buckets(isPositive: false).reversed() where bucket.count != 0 {
            append(bucket)
        }
        if zeroCount != 0 { append(zeroBucket) }
        for bucket in buckets(isPositive: true) where bucket.count != 0 { append(bucket) }
        return text + "}"
    }

    /// The histogram as scripts write it.
    var scriptText: String {
        var parts: [String] = []
        func add(_ name: String, _ value: Double) {
            if value != 0 { parts.append("\(name):\(NumberText.general(value))") }
        }
        func list(_ values: [Double]) -> String {
            "[" + values.map(NumberText.general).joined(separator: " ") + "]"
        }
        add("schema", Double(schema))
        add("count", count)
        add("sum", sum)
        add("z_bucket", zeroCount)
        add("z_bucket_w", zeroThreshold)
        if usesCustomBounds { parts.append("custom_values:\(list(customBounds))") }
        switch resetHint {
        case .unknown: break
        case .reset: parts.append("counter_reset_hint:reset")
        case .notReset: parts.append("counter_reset_hint:not_reset")
        case .gauge: parts.append("counter_reset_hint:gauge")
        }
        for (prefix, buckets) in [("", positive), ("n_", negative)] {
            guard let first = buckets.indexes.first, let last = buckets.indexes.last,
                last - first < 10_000
            else { continue }
            var dense = [Double](repeating: 0, count: last - first + 1)
            for (index, count) in zip(buckets.indexes, buckets.counts) {
                dense[index - first] = count
            }
            if first != 0 { parts.append("\(prefix)offset:\(first)") }
            parts.append("\(prefix)buckets:\(list(dense))")
        }
        return "{{" + parts.joined(separator: " ") + "}}"
    }
}
