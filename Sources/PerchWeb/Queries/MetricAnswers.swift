package import PerchModel
import PerchPromQL

/// Questions of pages in PromQL.
package struct MetricAnswers: Sendable {
    let samples: any SampleSource
    /// What a question may use.
    let options: @Sendable () -> QueryOptions

    /// One value of an answer.
    package struct Value: Sendable {
        package var labels: Labels
        package var value: Double
    }

    /// Values over time of one series, one a step; nil where there is none.
    package struct Line: Sendable {
        package var labels: Labels
        package var values: [Double?]

        /// `first` and `size` are milliseconds: of the first step's end, of each step.
        init(_ series: MatrixSeries, first: Int64, size: Int64, count: Int) {
            labels = series.labels
            values = [Double?](repeating: nil, count: count)
            for (time, value) in zip(series.times, series.values) where value.isFinite {
                let index = Int((time &- first) / size)
                if values.indices.contains(index) { values[index] = value }
            }
        }
    }

    /// The answer at `nanos`.
    ///
    /// A question of ours that is over a limit has none.
    func values(_ query: String, at nanos: Int64) async throws(StoreFailure) -> [Value] {
        let result = try await result(query, .instant(nanos / 1_000_000))
        guard case .vector(let vector) = result?.value else { return [] }
        return vector.map { Value(labels: $0.labels, value: $0.value) }
            .filter { !$0.value.isNaN }
    }

    /// The answer at the end of each step.
    func lines(_ query: String, _ steps: Steps) async throws(StoreFailure) -> [Line] {
        let size = max(1, steps.size / 1_000_000)
        let first = steps.time(1) / 1_000_000
        let times = QueryTimes.range(
            first, first &+ size &* Int64(max(0, steps.count - 1)), step: size)
        guard case .matrix(let series) = try await result(query, times)?.value else { return [] }
        return series.map { Line($0, first: first, size: size, count: steps.count) }
    }

    private func result(
        _ query: String, _ times: QueryTimes
    ) async throws(StoreFailure) -> QueryResult? {
        do throws(QueryFailure) {
            return try await QueryEngine(source: samples, options: options()).evaluate(query, times)
        } catch .storage(let failure) {
            throw failure
        } catch .cancelled {
            throw .cancelled
        } catch {
            return nil
        }
    }

    /// Text within double quotes of PromQL.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
        return result + "\""
    }
}

/// The cumulative counts of a histogram by upper bound.
struct BucketCounts: Sendable, Hashable {
    private(set) var counts: [Double: Double] = [:]

    mutating func add(_ bound: Double?, _ count: Double) {
        guard let bound, !bound.isNaN else { return }
        counts[bound, default: 0] += count
    }

    mutating func add(_ other: BucketCounts) {
        counts.merge(other.counts, uniquingKeysWith: +)
    }

    /// Linear within its bucket; the highest finite bound when it lies above; nil without counts.
    func quantile(_ share: Double) -> Double? {
        let sorted = counts.sorted { $0.key < $1.key }
        guard let total = sorted.last?.value, total > 0 else { return nil }
        let rank = total * share
        var below = (bound: 0.0, count: 0.0)
        for (bound, count) in sorted {
            if count >= rank {
                guard bound.isFinite else { return below.bound > 0 ? below.bound : nil }
                guard count > below.count else { return bound }
                return below.bound
                    + (bound - below.bound) * (rank - below.count) / (count - below.count)
            }
            below = (bound, count)
        }
        return nil
    }
}
