import Foundation
import PerchPromQL
import PerchTestSupport
import Testing

/// MET-2: the language conforms to Prometheus' own scripts.
@Suite struct ScriptTests {
    /// The scripts of the shared data.
    static let files: [String] = {
        guard let folder = TestData.root?.appendingPathComponent("promqltest") else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".test") }.sorted()
    }()

    /// Cases that are not met, each with its reason; there are none.
    static let known: [String: String] = [:]

    @Test(.enabled(if: TestData.isAvailable), arguments: files)
    func everyCaseOfPrometheus(_ file: String) async throws {
        let text = String(decoding: try TestData.bytes("promqltest/\(file)"), as: UTF8.self)
        let report = await ScriptRunner.run(text)
        #expect(report.passedCount > 0)
        for failure in report.failures where Self.known["\(file):\(failure.line)"] == nil {
            Issue.record("\(file):\(failure.line): \(failure.message)")
        }
    }

    @Test(.enabled(if: TestData.isAvailable))
    func allScriptsAreThere() {
        #expect(Self.files.count >= 12)
    }

    @Test func ourOwnCases() async throws {
        let report = await ScriptRunner.run(Self.ours)
        #expect(report.failures.map { "\($0.line): \($0.message)" } == [])
        #expect(
            report.passedCount == Self.ours.split(separator: "\n").count { $0.hasPrefix("eval") })
    }

    /// What is wrong must be found, or the other tests say nothing.
    @Test(arguments: [
        ("load 1m\n  a 1 2\n\neval instant at 1m a\n  a 3\n", 4),
        ("load 1m\n  a 1 2\n\neval instant at 1m a\n", 4),
        ("load 1m\n  a 1 2\n\neval instant at 1m a\n  a 2\n  b 2\n", 4),
        ("eval instant at 1m 1\n  expect fail\n", 1),
        ("eval instant at 1m 1 +\n  1\n", 1),
        ("load 1m\n  a 1 2\n\neval range from 0 to 1m step 1m a\n  a 1 2 3\n", 4),
        ("load 1m\n  a 1\n\neval instant at 0 rate(a[5m])\n  expect warn\n", 4),
        ("load 1m\n  a {{count:1}}\n\neval instant at 0 a\n  a {{count:2}}\n", 4),
        (
            "load 1m\n  a 1\n  b 2\n\neval instant at 0 sort({__name__=~\".\"})\n"
                + "  expect ordered\n  b 2\n  a 1\n", 5
        ),
        ("\nfrobnicate\n", 2),
        ("load 1m\n  a 1..\n", 2),
    ])
    func whatIsWrongIsFound(_ script: String, _ line: Int) async {
        let report = await ScriptRunner.run(script)
        #expect(report.failures.map(\.line) == [line])
    }

    private static let ours = """
        load 1m
          left{job="a"} 1 2 3
          left{job="b"} 10 20 30
          right{job="b"} 1 1 1
          right{job="c"} 5 5 5

        eval instant at 2m left + right
          {job="b"} 31

        eval instant at 2m left + fill(0) right
          {job="a"} 3
          {job="b"} 31
          {job="c"} 5

        eval instant at 2m left + fill_right(100) right
          {job="a"} 103
          {job="b"} 31

        eval instant at 2m left + fill_left(-1) right
          {job="b"} 31
          {job="c"} 4

        eval instant at 2m left and fill(0) right
          expect fail msg: 1:1: parse error: filling in missing series not allowed for set operators

        eval instant at 2m sum_over_time(left{job="a"}[step() + 1m])
          {job="a"} 3

        eval instant at 2m sum_over_time(left{job="a"}[max_of(1m, 2m)])
          {job="a"} 5

        eval instant at 2m left{job="a"} offset (30s * 2)
          left{job="a"} 2

        eval instant at 2m count(limit_ratio(0.5, left) or limit_ratio(-0.5, left))
          {} 2

        eval instant at 2m {"left", "job"="a"}
          left{job="a"} 3

        clear

        load 1m
          a{x="1"} 1 _ 3
          a{x="2"} _ 2 _

        # Series of one side may take turns, as long as no two have a sample at one time.
        eval range from 0 to 2m step 1m a and on() vector(1)
          a{x="1"} 1 1 3
          a{x="2"} _ 2 2

        eval range from 0 to 2m step 1m topk(1, a)
          a{x="1"} 1 _ 3
          a{x="2"} _ 2 _

        clear

        # A series that is going to lose its name is another than the one that keeps it.
        load 1m
          eggs_total{nest="1"} 60 120 180 240

        eval range from 0 to 1m step 1m (-eggs_total offset 1m) or eggs_total
          eggs_total{nest="1"} 60 _
          {nest="1"} _ -60

        eval instant at 3m rate(eggs_total[2m]) > on(nest) (eggs_total * 0)
          {nest="1"} 1

        clear

        # The ends of a range are given by samples outside of it.
        load 1m
          birds_total 0 10 20 5 15

        eval instant at 4m increase(birds_total[90s] anchored)
          {} 15

        eval instant at 3m30s increase(birds_total[2m] smoothed)
          {} 15

        eval instant at 2m30s birds_total smoothed
          birds_total 12.5

        eval instant at 4m resets(birds_total[2m] anchored)
          {} 1

        eval instant at 4m sum_over_time(birds_total[2m] anchored)
          expect fail msg: anchored modifier can only be used with: changes, delta, increase, rate, resets - not with sum_over_time

        eval instant at 4m birds_total[90s] anchored
          expect range vector from 2m30s to 4m step 30s
          birds_total 20 5 _ 15

        clear

        # A counter that says when it began needs no guess at its start.
        load 1m
          nests_total@st -30s -90s -150s
          nests_total 6 12 18

        eval instant at 2m increase(nests_total[5m])
          {} 18

        eval instant at 0 start_timestamp(nests_total)
          {} -30

        """
}
