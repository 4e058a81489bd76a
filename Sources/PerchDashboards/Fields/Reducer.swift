/// One value of many: what stats, legends, footers and transformations show.
///
/// NaN in the values stands for nothing, and is passed over.
package enum Reducer {
    /// The value of a calculation by Grafana's id; nil when there is none, or no such calculation.
    package static func value(_ id: String, of values: [Double]) -> Double? {
        switch id {
        case "lastNotNull", "current": return values.last { !$0.isNaN }
        case "firstNotNull": return values.first { !$0.isNaN }
        case "last": return present(values.last)
        case "first": return present(values.first)
        case "count": return Double(values.count)
        case "allIsNull", "allIsZero", "changeCount", "distinctCount", "countAll":
            return special(id, values)
        default: break
        }
        if id.hasPrefix("p"), let percent = Int(id.dropFirst()), (1...99).contains(percent) {
            return percentile(values, Double(percent) / 100)
        }
        return moments(id, values.filter { !$0.isNaN })
    }

    /// Whether a calculation is known.
    package static func isKnown(_ id: String) -> Bool { name(id) != nil }

    private static func present(_ value: Double?) -> Double? {
        guard let value, !value.isNaN else { return nil }
        return value
    }

    private static func special(_ id: String, _ values: [Double]) -> Double? {
        switch id {
        case "allIsNull": return values.allSatisfy(\.isNaN) ? 1 : 0
        case "allIsZero":
            return !values.isEmpty && values.allSatisfy { $0 == 0 } ? 1 : 0
        case "changeCount":
            let present = values.filter { !$0.isNaN }
            return Double(zip(present, present.dropFirst()).count { $0 != $1 })
        case "distinctCount": return Double(Set(values.filter { !$0.isNaN }).count)
        default: return Double(values.count)
        }
    }

    private static func moments(_ id: String, _ values: [Double]) -> Double? {
        guard let first = values.first, let last = values.last else {
            return id == "sum" || id == "total" ? 0 : nil
        }
        switch id {
        case "min": return values.min()
        case "max": return values.max()
        case "mean", "avg": return values.reduce(0, +) / Double(values.count)
        case "sum", "total": return values.reduce(0, +)
        case "range": return (values.max() ?? 0) - (values.min() ?? 0)
        case "diff": return last - first
        case "diffperc": return first == 0 ? nil : (last - first) / first
        case "delta":
            // As a counter: what it grew, a fall being a new beginning.
            return zip(values, values.dropFirst()).reduce(0) { sum, pair in
                sum + (pair.1 >= pair.0 ? pair.1 - pair.0 : pair.1)
            }
        case "step": return zip(values, values.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.min()
        case "logmin": return values.filter { $0 > 0 }.min()
        case "median": return percentile(values, 0.5)
        case "variance", "stdDev":
            let mean = values.reduce(0, +) / Double(values.count)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let variance = squares / Double(values.count)
            return id == "variance" ? variance : variance.squareRoot()
        case "previousDeltaValue", "previous":
            return values.count > 1 ? values[values.count - 2] : nil
        default: return nil
        }
    }

    /// The value of rank `share` of those that are there, from below.
    private static func percentile(_ values: [Double], _ share: Double) -> Double? {
        let sorted = values.filter { !$0.isNaN }.sorted()
        guard !sorted.isEmpty else { return nil }
        return sorted[min(Int((Double(sorted.count - 1) * share).rounded()), sorted.count - 1)]
    }

    /// How a calculation is called in legends.
    package static func name(_ id: String) -> String? {
        switch id {
        case "lastNotNull", "current": "Last *"
        case "last": "Last"
        case "firstNotNull": "First *"
        case "first": "First"
        case "min": "Min"
        case "max": "Max"
        case "mean", "avg": "Mean"
        case "sum", "total": "Total"
        case "count", "countAll": "Count"
        case "range": "Range"
        case "delta": "Delta"
        case "step": "Step"
        case "diff": "Difference"
        case "diffperc": "Difference percent"
        case "logmin": "Min (above zero)"
        case "allIsZero": "All zeros"
        case "allIsNull": "All nulls"
        case "changeCount": "Change count"
        case "distinctCount": "Distinct count"
        case "median": "Median"
        case "variance": "Variance"
        case "stdDev": "StdDev"
        case "uniqueValues", "allValues": nil
        default:
            if id.hasPrefix("p"), let percent = Int(id.dropFirst()), (1...99).contains(percent) {
                "\(percent)th %"
            } else {
                nil
            }
        }
    }
}
