/// A sum that keeps what rounding loses.
///
/// Source: Neumaier's form of Kahan summation, as Prometheus sums.
struct KahanSum: Sendable, Hashable {
    var sum: Double
    var compensation: Double = 0

    init(_ sum: Double = 0, compensation: Double = 0) {
        self.sum = sum
        self.compensation = compensation
    }

    @inline(__always)
    mutating func add(_ value: Double) {
        let next = sum + value
        if next.isInfinite {
            compensation = 0
        } else if sum.magnitude >= value.magnitude {
            compensation += (sum - next) + value
        } else {
            compensation += (value - next) + sum
        }
        sum = next
    }

    var total: Double { sum.isInfinite ? sum : sum + compensation }
}
