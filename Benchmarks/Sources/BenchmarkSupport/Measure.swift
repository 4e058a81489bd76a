import CMallocCount
import SystemPackage

/// Rounds of a measurement; the best counts, since anything else on the machine only adds.
private let rounds = 25

/// What one call took.
public struct Cost {
    /// Time.
    public var nanoseconds = Double.infinity
    /// How often memory was asked for.
    public var allocations = Double.infinity

    /// Knows nothing yet.
    public init() {}

    /// Takes the better of what was known and a round of `count` calls.
    public mutating func take(
        _ nanoseconds: UInt64, _ allocations: UInt64, count: Int
    ) {
        self.nanoseconds = min(self.nanoseconds, Double(nanoseconds) / Double(count))
        self.allocations = min(self.allocations, Double(allocations) / Double(count))
    }
}

/// Time of processors that this process took, in nanoseconds.
public func processorTime() -> UInt64 { cmalloccount_cpu() }

/// How often it asked for memory.
public func allocations() -> UInt64 { cmalloccount_total() }

/// Whether a case is to be run: all are, or the one that the first argument names.
public func isAsked(_ name: String) -> Bool {
    CommandLine.arguments.count < 2 || CommandLine.arguments[1] == name
}

/// Nanoseconds of processors and allocations of one call, beside what it may cost.
///
/// Said on standard error, since log lines go to standard output.
public func measure(_ name: String, bar: String = "", count: Int, _ body: () -> Void) {
    guard isAsked(name) else { return }
    var cost = Cost()
    for _ in 0..<rounds {
        let (start, memory) = (cmalloccount_cpu(), cmalloccount_total())
        for _ in 0..<count { body() }
        cost.take(cmalloccount_cpu() - start, cmalloccount_total() - memory, count: count)
    }
    say(name, bar: bar, cost)
}

/// The same for a body that waits.
public func measureCPU(
    _ name: String, bar: String = "", count: Int, _ body: () async throws -> Void
) async rethrows -> Cost {
    var cost = Cost()
    for _ in 0..<rounds {
        let (start, memory) = (cmalloccount_cpu(), cmalloccount_total())
        for _ in 0..<count { try await body() }
        cost.take(cmalloccount_cpu() - start, cmalloccount_total() - memory, count: count)
    }
    say(name, bar: bar, cost)
    return cost
}

/// Writes a line of the table to standard error.
public func say(_ name: String, bar: String, _ cost: Cost) {
    let columns = [
        pad(name, 24), pad("\((cost.nanoseconds * 10).rounded() / 10) ns", 14),
        pad("\((cost.allocations * 100).rounded() / 100) allocations", 20), bar,
    ]
    let line = columns.joined(separator: " ") + "\n"
    _ = try? FileDescriptor.standardError.writeAll(Array(line.utf8))
}

private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}
