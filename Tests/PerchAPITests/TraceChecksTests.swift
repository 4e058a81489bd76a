import PerchModel
import PerchTestSupport
import Testing

@testable import PerchAPI

/// Traces that no honest sender makes.
@Suite struct TraceChecksTests {
    @Test func aPlainTraceHasNoWarningAndItsRoot() throws {
        var spans = SomeSpans()
        spans.add(trace: 1, span: 2, parent: 1)
        spans.add(trace: 1, span: 1)
        spans.add(trace: 1, span: 3, parent: 2)
        let checks = TraceChecks(try spans.trace(1))
        #expect(checks.warnings == [[], [], []])
        #expect(checks.root == 1)
    }

    @Test func missingParentsAndRepeatedIDsAreTold() throws {
        var spans = SomeSpans()
        spans.add(trace: 1, span: 5, parent: 9)
        spans.add(trace: 1, span: 5, parent: 5, name: "other")
        let checks = TraceChecks(try spans.trace(1))
        #expect(checks.warnings[0] == ["the parent 0000000000000009 is not in this trace"])
        #expect(checks.warnings[1] == ["another span of this trace has the same id"])
        #expect(checks.root == 0)
    }

    @Test func aSpanThatIsItsOwnParentIsACircle() throws {
        var spans = SomeSpans()
        spans.add(trace: 1, span: 1, parent: 1)
        let checks = TraceChecks(try spans.trace(1))
        #expect(checks.warnings == [["the parents of this span run in a circle"]])
    }

    /// Against following each pointer as often as there are spans.
    @Test(arguments: 0..<200) func circlesAreThoseThatPointersReturnTo(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 0..<30, using: &generator)
        let next: [Int?] = (0..<count).map { _ in
            Int.random(in: 0..<4, using: &generator) == 0
                ? nil : Int.random(in: 0..<count, using: &generator)
        }
        let expected = next.indices.filter { start in
            var current = next[start]
            for _ in 0..<count {
                guard let index = current else { return false }
                if index == start { return true }
                current = next[index]
            }
            return false
        }
        #expect(TraceChecks.circles(next) == expected)
    }

    @Test func aHundredThousandSpansAreCutAndTold() throws {
        var spans = SomeSpans()
        // A chain, each the parent of the next, the last the parent of the first.
        let count: UInt64 = 100_000
        for number in 1...count {
            spans.add(trace: 7, span: number, parent: number == 1 ? count : number - 1)
        }
        let whole = try spans.trace(7, spansMax: 200_000)
        #expect(!whole.isCut)
        #expect(TraceChecks(whole).warnings.allSatisfy { $0.count == 1 })
        let cut = try spans.trace(7, spansMax: Limits.traceSpansMax)
        #expect(cut.isCut)
        #expect(cut.places.count == Limits.traceSpansMax)
        var text: [UInt8] = []
        JaegerTraceWriter.append(cut, to: &text)
        let json = try #require(JSONValue(String(decoding: text, as: UTF8.self)))
        guard case .array(let warnings)? = json["warnings"], case .array(let shown)? = json["spans"]
        else {
            Issue.record("no warnings or no spans")
            return
        }
        #expect(warnings.count == 1)
        #expect(shown.count == Limits.traceSpansMax)
    }
}
