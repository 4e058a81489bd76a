import CoreMetrics
import Synchronization

/// A counter of whole numbers.
final class CounterInstrument: CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: Int64 { count.load(ordering: .relaxed) }

    func increment(by amount: Int64) {
        // A counter never falls.
        guard amount > 0 else { return }
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() { count.store(0, ordering: .relaxed) }
}

/// A number that changes by compare and swap of its bits.
struct AtomicDouble: ~Copyable, Sendable {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let (exchanged, original) = bits.weakCompareExchange(
                expected: old, desired: (Double(bitPattern: old) + amount).bitPattern,
                ordering: .relaxed)
            if exchanged { return }
            old = original
        }
    }
}

/// A counter of fractions.
final class FloatCounterInstrument: FloatingPointCounterHandler {
    private let count = AtomicDouble()

    var value: Double { count.value }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        count.add(amount)
    }

    func reset() { count.set(0) }
}

/// A number that rises and falls: of a meter, or of a recorder that keeps its last value.
final class GaugeInstrument: MeterHandler, RecorderHandler {
    private let number = AtomicDouble()

    var value: Double { number.value }

    func set(_ value: Int64) { number.set(Double(value)) }
    func set(_ value: Double) { number.set(value) }
    func record(_ value: Int64) { number.set(Double(value)) }
    func record(_ value: Double) { number.set(value) }
    func increment(by amount: Double) { number.add(amount) }
    func decrement(by amount: Double) { number.add(-amount) }
}
