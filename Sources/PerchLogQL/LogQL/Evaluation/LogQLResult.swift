package import PerchModel

/// The answer to a query.
package enum LogQLResult: Sendable {
    case streams([LogStream])
    case matrix(SeriesTable, LogQLTimes)
    case vector(SeriesTable, Int64)
    case scalar(Double, Int64)
}

/// Lines with the same labels, in the order of the query.
package struct LogStream: Sendable {
    package struct Entry: Sendable {
        package var nanos: Int64
        /// UTF-8 but for what the sender sent otherwise.
        package var line: [UInt8]
        package var structured: [(name: String, value: String)] = []
        package var parsed: [(name: String, value: String)] = []
    }

    package var labels: [(name: String, value: String)]
    package var entries: [Entry] = []
}

/// What a query read and gave.
package struct LogQLStats: Sendable {
    package var lines = 0
    package var bytes = 0
    package var entries = 0

    package init() {}
}

/// Series of numbers, one for each step; a step without one holds ``absent``.
package struct SeriesTable: Sendable {
    /// Stands where a series has no number: a NaN that no arithmetic makes.
    package static let absent = Double(bitPattern: 0x7ff4_0000_0000_0abc)

    package let stepCount: Int
    /// Series by series.
    package internal(set) var values: [Double] = []
    private var listed: [Labels] = []
    /// Makes the labels of a series when they are asked for; nil when they are listed.
    private var lazily: (@Sendable (Int) -> Labels)?

    init(stepCount: Int) {
        self.stepCount = stepCount
    }

    /// Takes values of series whose labels cost something to make.
    init(stepCount: Int, values: [Double], labels: @escaping @Sendable (Int) -> Labels) {
        self.stepCount = stepCount
        self.values = values
        lazily = labels
    }

    package var count: Int { stepCount == 0 ? 0 : values.count / stepCount }

    package func labels(_ series: Int) -> Labels { lazily?(series) ?? listed[series] }

    package func value(_ series: Int, _ step: Int) -> Double { values[series &* stepCount &+ step] }

    package static func isAbsent(_ value: Double) -> Bool {
        value.bitPattern == absent.bitPattern
    }

    /// Some of the series, in the order given.
    package func selecting(_ series: [Int]) -> SeriesTable {
        var result = SeriesTable(stepCount: stepCount)
        for one in series { result.append(labels(one), row(one)) }
        return result
    }

    mutating func append(_ labels: Labels, _ row: some Sequence<Double>) {
        listed.append(labels)
        values.append(contentsOf: row)
    }

    func row(_ series: Int) -> ArraySlice<Double> {
        values[(series * stepCount)..<((series + 1) * stepCount)]
    }

    /// Series by their labels, those without a number left out.
    package func sortedSeries() -> [(labels: Labels, series: Int)] {
        (0..<count).filter { row($0).contains { !Self.isAbsent($0) } }
            .map { (labels($0), $0) }
            .sorted { $0.0.bytes.lexicographicallyPrecedes($1.0.bytes) }
    }
}
