/// The sums of one kind of delta series, by the canonical bytes of their labels.
struct DeltaSums<Value> {
    /// A sum and the time of the newest point in it.
    typealias Sum = (timeMillis: Int64, value: Value)

    /// Sums that are not kept yet.
    struct Pending {
        fileprivate(set) var sums: [[UInt8]: Sum] = [:]
        /// How many of them are of series without a kept sum.
        fileprivate var addedCount = 0
    }

    private var sums: [[UInt8]: Sum] = [:]
    /// When silent series were last looked for.
    private var sweptMillis = Int64.min

    subscript(key: [UInt8]) -> Sum? { sums[key] }

    mutating func set(_ key: [UInt8], _ sum: Sum) {
        sums[key] = sum
    }

    /// Forgets silent series when `count` more may not fit.
    mutating func room(for count: Int, _ seriesMax: Int, _ nowMillis: Int64) {
        guard sums.count + count > seriesMax,
            sweptMillis < nowMillis - Limits.deltaSweepMillis
        else { return }
        sweptMillis = nowMillis
        sums = sums.filter { $0.value.timeMillis >= nowMillis - Limits.deltaIdleMillisMax }
    }

    /// The sum with `increment` added by `add`, put into `new` only; nil when the point was refused.
    func add(
        _ key: [UInt8], _ timeMillis: Int64, _ increment: Value, to new: inout Pending,
        seriesMax: Int, _ refused: inout DeltaToCumulative.Refused, _ add: (Value, Value) -> Value
    ) -> Value? {
        guard let old = new.sums[key] ?? sums[key] else {
            guard sums.count + new.addedCount < seriesMax else {
                refused.overLimit += 1
                return nil
            }
            new.addedCount += 1
            new.sums[key] = (timeMillis, increment)
            return increment
        }
        guard timeMillis > old.timeMillis else {
            refused.notNewer += 1
            return nil
        }
        let sum = add(old.value, increment)
        new.sums[key] = (timeMillis, sum)
        return sum
    }
}
