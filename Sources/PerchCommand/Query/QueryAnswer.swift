import Foundation

/// The answer to a query, as Prometheus' API gives it.
struct QueryAnswer {
    /// One series with its points.
    struct Series {
        var labels: [String: String]
        /// Seconds since 1970 and the value as text.
        var points: [(time: Double, value: String)]
    }

    private(set) var series: [Series] = []
    /// Warnings and infos.
    private(set) var notes: [String] = []
    private(set) var isRange = false

    init(_ body: [UInt8]) throws {
        guard
            let object = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let data = object["data"] as? [String: Any],
            let type = data["resultType"] as? String
        else { throw QueryClient.Failure(description: "the answer is not one to a query") }
        notes = (object["warnings"] as? [String] ?? []) + (object["infos"] as? [String] ?? [])
        isRange = type == "matrix"
        if let pair = data["result"] as? [Any], let point = Self.point(pair) {
            series = [Series(labels: [:], points: [point])]
            return
        }
        for entry in data["result"] as? [[String: Any]] ?? [] {
            var points: [(time: Double, value: String)] = []
            for key in ["value", "histogram"] {
                if let pair = entry[key] as? [Any], let point = Self.point(pair) {
                    points.append(point)
                }
            }
            for key in ["values", "histograms"] {
                points += (entry[key] as? [[Any]] ?? []).compactMap(Self.point)
            }
            points.sort { $0.time < $1.time }
            series.append(
                Series(labels: entry["metric"] as? [String: String] ?? [:], points: points))
        }
    }

    /// A pair of time and value; a histogram is told by its count and sum.
    private static func point(_ pair: [Any]) -> (time: Double, value: String)? {
        guard pair.count == 2, let time = pair[0] as? Double else { return nil }
        if let text = pair[1] as? String { return (time, text) }
        guard let histogram = pair[1] as? [String: Any] else { return nil }
        return (
            time,
            "count:\(histogram["count"] as? String ?? "?") sum:\(histogram["sum"] as? String ?? "?")"
        )
    }

    /// The names of all labels, the metric's first.
    private var names: [String] {
        Set(series.flatMap(\.labels.keys)).sorted { left, right in
            (left == "__name__" ? "" : left) < (right == "__name__" ? "" : right)
        }
    }

    /// A line a point: its labels, its time in a range, its value.
    private var rows: [[String]] {
        let names = names
        return series.flatMap { series in
            series.points.map { point in
                names.map { series.labels[$0] ?? "" }
                    + (isRange ? [Self.time(point.time)] : []) + [point.value]
            }
        }
    }

    private var header: [String] {
        names.map { $0 == "__name__" ? "metric" : $0 } + (isRange ? ["time"] : []) + ["value"]
    }

    private static func time(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds).formatted(.iso8601)
    }

    /// Columns as wide as they need.
    func table() -> String {
        guard !series.isEmpty else { return "no series\n" }
        let lines = [header] + rows
        var widths = [Int](repeating: 0, count: header.count)
        for line in lines {
            for (column, cell) in line.enumerated() {
                widths[column] = max(widths[column], Self.shown(cell).count)
            }
        }
        return lines.map { line in
            var text = ""
            for (column, cell) in line.enumerated() {
                let shown = Self.shown(cell)
                text += shown
                if column < line.count - 1 {
                    text += String(repeating: " ", count: widths[column] - shown.count + 2)
                }
            }
            return text + "\n"
        }.joined()
    }

    /// Source: RFC 4180.
    func csv() -> String {
        ([header] + rows).map { line in
            line.map { cell in
                guard cell.contains(where: { ",\"\n\r".contains($0) }) else { return cell }
                return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
            }.joined(separator: ",") + "\r\n"
        }.joined()
    }

    /// A line a series: its course in blocks, with its smallest, largest and last value.
    func chart(width: Int = 60) -> String {
        guard !series.isEmpty else { return "no series\n" }
        return series.map { series in
            let values = series.points.compactMap { Double($0.value) }
            let finite = values.filter(\.isFinite)
            let name = series.labels.sorted { $0.key < $1.key }
                .map { $0.key == "__name__" ? $0.value : "\($0.key)=\($0.value)" }
                .joined(separator: " ")
            guard let low = finite.min(), let high = finite.max() else {
                return "\(Self.shown(name))\n  no numbers\n"
            }
            return "\(Self.shown(name))\n  \(Self.blocks(values, low, high, width))  "
                + "min \(Self.short(low))  max \(Self.short(high))  "
                + "last \(Self.short(values.last ?? .nan))\n"
        }.joined()
    }

    private static func blocks(
        _ values: [Double], _ low: Double, _ high: Double, _ width: Int
    ) -> String {
        let blocks = Array("▁▂▃▄▅▆▇█")
        let count = min(width, values.count)
        return String(
            (0..<count).map { column -> Character in
                // The mean of the values that fall into the column.
                let range = column * values.count / count..<(column + 1) * values.count / count
                let part = values[range].filter(\.isFinite)
                guard !part.isEmpty else { return " " }
                let mean = part.reduce(0, +) / Double(part.count)
                let share = high > low ? (mean - low) / (high - low) : 0
                return blocks[min(7, max(0, Int(share * 8)))]
            })
    }

    private static func short(_ value: Double) -> String {
        value.formatted(.number.precision(.significantDigits(1...5)))
    }

    /// Control characters of a label must not reach a terminal.
    private static func shown(_ text: String) -> String {
        String(
            text.map {
                $0.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 } ? $0 : "?"
            })
    }
}
