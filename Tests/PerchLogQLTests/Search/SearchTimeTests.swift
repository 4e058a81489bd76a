import PerchLogQL
import PerchModel
import Testing

/// 2026-11-21T10:30:00Z.
private let now: Int64 = 1_795_257_000_000_000_000
private let second: Int64 = 1_000_000_000
private let midnight = now - now % (86_400 * second)

/// A range by nanoseconds around ``now``.
private func near(_ from: Int64, _ to: Int64) -> Range<Int64> { now + from..<now + to }

/// A range by seconds from the midnight before ``now``.
private func since(_ from: Int64?, _ to: Int64?) -> Range<Int64> {
    let lower = from.map { midnight + $0 * second } ?? .min
    return lower..<(to.map { midnight + $0 * second } ?? .max)
}

private let hour: Int64 = 3_600

private let cases: [(String, Range<Int64>)] = [
    ("time:-1h", near(-hour * second, 1)),
    ("time:1h", near(-hour * second, 1)),
    ("time>-1h30m", now - 5_400 * second + 1 ..< .max),
    ("time>=now-1h", now - hour * second ..< .max),
    ("time:today", since(0, 86_400)),
    ("time:yesterday", since(-86_400, 0)),
    ("time:2026-11-21", since(0, 86_400)),
    ("time:2026-11-21T10", since(10 * hour, 11 * hour)),
    ("time:2026-11-21T10:30", near(0, 60 * second)),
    ("time:\"2026-11-21 10:30:00\"", near(0, second)),
    ("time:2026-11-21T10:30:00.25Z", near(250_000_000, 260_000_000)),
    ("time:2026-11-21T12:30:00+02:00", near(0, second)),
    ("time:2026-11-21T05:00-0530", near(0, 60 * second)),
    ("time:1795257000", near(0, second)),
    ("time:1795257000000", near(0, 1_000_000)),
    ("time>2026-11-21", since(86_400, nil)),
    ("time<=2026-11-21", since(nil, 86_400)),
    ("time<2026-11-21", since(nil, 0)),
    ("time:[2026-11-20 TO 2026-11-21]", since(-86_400, 86_400)),
    ("time:{2026-11-20 TO 2026-11-21}", since(0, 0)),
    ("time:2026-11-20..2026-11-21", since(-86_400, 86_400)),
    ("time:[-2h TO -1h}", near(-2 * hour * second, -hour * second)),
    ("time:2024-02-29", days(19_782, 19_783)),
    ("time:2026-12", days(20_788, 20_819)),
    ("time:2025", days(20_089, 20_454)),
    ("time>=2026-11-20 a time<2026-11-21", since(-86_400, 0)),
    ("a b", .min ..< .max),
]

private func days(_ from: Int64, _ to: Int64) -> Range<Int64> {
    from * 86_400 * second..<to * 86_400 * second
}

@Suite("Times in a search")
struct SearchTimeTests {
    @Test("Times are those they name", arguments: cases)
    func times(_ text: String, _ expected: Range<Int64>) throws {
        #expect(try Search.filter(text, now: now).times == expected)
    }

    @Test("A time is no part of what rows must satisfy")
    func predicate() throws {
        #expect(try Search.filter("time:-1h a", now: now).predicate == .anyText("a"))
        #expect(try Search.filter("time:-1h", now: now).predicate == .all)
    }

    @Test(
        "A time for a part of a search, or one that is none, is refused at its place",
        arguments: [
            ("a OR time:-1h", 5), ("time:-1h OR a", 0), ("-time:-1h", 1), ("(time:-1h)", 1),
            ("time!=-1h", 0), ("time:soon", 5), ("a time:2026-13-01", 7), ("time:2026-02-30", 5),
            ("time:", 5), ("time>1h", 5), ("time:2026-11-21T25", 5), ("time:-9999999999w", 5),
        ])
    func mistakes(_ text: String, _ position: Int) {
        let failure = #expect(throws: SearchFailure.self) {
            try Search.filter(text, now: now)
        }
        #expect(failure?.position == position)
    }

    @Test("A length where a time should stand is taken for one before now")
    func hint() {
        let failure = #expect(throws: SearchFailure.self) {
            try Search.filter("time>1h", now: now)
        }
        #expect(failure?.hint == "-1h")
    }
}
