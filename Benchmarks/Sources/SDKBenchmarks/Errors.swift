import BenchmarkSupport
import Perch

struct Declined: Error {
    var order = 7
}

/// Throws from some calls deep, as applications do.
@inline(never)
func fail(_ depth: Int) throws {
    guard depth > 0 else { throw Declined() }
    try fail(depth - 1)
    consume(depth)
}

/// Keeps a call a call.
@inline(never)
func consume(_ value: Int) {}

@inline(never)
func failElsewhere(_ depth: Int) throws {
    guard depth > 0 else { throw Declined(order: 8) }
    try failElsewhere(depth - 1)
    consume(depth)
}

func measureThrow(_ name: String, bar: String) {
    measure(name, bar: bar, count: 20_000) { do { try fail(8) } catch { consume(1) } }
}

/// A service whose reports go somewhere, which is when throws are noted; it does not run, so nothing
/// is sent.
func servingReports() -> PerchService {
    var options = PerchOptions()
    options.service = "bench"
    options.export.addresses = [.logs: "http://127.0.0.1:1/v1/logs"]
    return PerchService(options)
}

/// What reports take: the call, and the work behind it until the line is written.
func measureReports() async {
    guard isAsked("reports") else { return }
    var options = PerchOptions()
    options.service = "bench"
    let perch = PerchService(options)
    await report("report-first", bar: "< 100 ms: names and lines are read", perch) { try fail(8) }
    await report("report-next", bar: "< 1 ms: another place", perch) { try failElsewhere(8) }
    await report("report-known", bar: "< 1 ms: the same place", perch) { try failElsewhere(8) }
    measure("capture", bar: "the call alone", count: 80) {
        do { try fail(8) } catch { perch.errors.capture(error) }
    }
}

private func report(
    _ name: String, bar: String, _ perch: PerchService, _ body: () throws -> Void
) async {
    var cost = Cost()
    let (start, memory) = (processorTime(), allocations())
    do { try body() } catch { perch.errors.capture(error) }
    await perch.errors.flush()
    cost.take(processorTime() - start, allocations() - memory, count: 1)
    say(name, bar: bar, cost)
}
