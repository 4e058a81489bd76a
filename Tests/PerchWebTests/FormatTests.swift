import PerchModel
import Testing

@testable import PerchWeb

@Suite("Numbers and times as people read them")
struct FormatTests {
    @Test(
        "Durations",
        arguments: [
            (0, "0 ms"), (0.5, "<1 ns"), (850, "850 ns"), (1_500, "1.5 µs"),
            (12_400_000, "12.4 ms"),
            (999_499_999, "999 ms"), (999_600_000, "1 s"), (3_050_000_000, "3.05 s"),
            (59_940_000_000, "59.9 s"), (125e9, "2 min 5 s"), (3_600e9, "1 h"),
            (90_061e9, "1 d 1 h"),
            (-2_000_000, "−2 ms"), (.infinity, "–"), (.nan, "–"), (9.3e30, "9.3e+21 s"),
        ] as [(Double, String)])
    func durations(_ nanos: Double, _ text: String) {
        #expect(Units.duration(nanos) == text)
    }

    @Test(
        "Numbers",
        arguments: [
            (0, "0"), (1, "1"), (0.42, "0.42"), (0.012, "0.012"), (12.345, "12.3"), (1_234, "1234"),
            (12_345, "12.3 k"), (1.5e6, "1.5 M"), (-2e9, "−2 G"), (.infinity, "∞"), (.nan, "–"),
            (1e300, "1e+300"),
        ] as [(Double, String)])
    func numbers(_ value: Double, _ text: String) {
        #expect(Units.number(value) == text)
    }

    @Test("Counts and shares")
    func counts() {
        #expect(Units.count(1_234_567) == "1,234,567")
        #expect(Units.count(-12) == "−12")
        #expect(Units.count(.min) == "−9,223,372,036,854,775,808")
        #expect(Units.share(0.0042) == "0.42 %")
        #expect(Units.share(0.5) == "50 %")
        #expect(Units.share(0.00001) == "<0.01 %")
        #expect(Units.rate(0.05) == "3/min")
    }

    @Test(
        "Times to text and back",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (Fixture.now, "2026-11-21T05:45:00.000Z"),
            (951_782_400_123_000_000, "2000-02-29T00:00:00.123Z"),
        ] as [(Int64, String)])
    func instants(_ nanos: Int64, _ text: String) {
        #expect(Instant(nanos: nanos).iso == text)
        #expect(Instant(text: text)?.nanos == nanos)
    }

    @Test("A time says its day only where that is another")
    func shortTimes() {
        let day: Int64 = 86_400_000_000_000
        let now = Fixture.now
        #expect(Instant(nanos: now).short(now: now, millis: true) == "05:45:00.000")
        #expect(Instant(nanos: now - day).short(now: now, millis: false) == "11-20 05:45:00")
        #expect(Instant(nanos: 0).short(now: now, millis: false) == "1970-01-01 00:00:00")
        #expect(!Instant(nanos: .min).short(now: .max, millis: true).isEmpty)
    }

    @Test("Legends leave out what all lines share")
    func legends() {
        let labels = { (pairs: [(name: String, value: String)]) in Labels(pairs) }
        let one = labels([("__name__", "up"), ("job", "a"), ("zone", "1")])
        let two = labels([("__name__", "up"), ("job", "b"), ("zone", "1")])
        #expect(MetricsPage.names([one, two]) == ["a", "b"])
        let three = labels([("__name__", "up"), ("job", "b"), ("zone", "2")])
        #expect(MetricsPage.names([one, three]) == ["job=a, zone=1", "job=b, zone=2"])
        #expect(
            MetricsPage.names([one]) == [#"{__name__="up", job="a", zone="1"}"#])
        #expect(MetricsPage.names([]) == [])
    }

    @Test("Long names may go on in the next line behind their parts")
    func breaking() {
        #expect(breakable("a_b=c").html == "a_<wbr>b=<wbr>c")
        #expect(breakable("plain").html == "plain")
        #expect(breakable("_<x>_").html == "_<wbr>&lt;x&gt;_")
        #expect(breakable("").html == "")
    }

    @Test("What is cut is short in bytes too")
    func cutting() {
        let marks = "a" + String(repeating: "\u{0301}", count: 50_000)
        #expect(cut(marks, 20).utf8.count <= 20 * 8 + 3)
        #expect(cut(String(repeating: "é", count: 30), 20).count == 21)
        #expect(cut("short", 20) == "short")
    }

    @Test("Times at the ends of the range do not trap", arguments: [Int64.min, -1, 0, .max])
    func extremes(_ nanos: Int64) {
        #expect(Instant(nanos: nanos).iso.hasSuffix("Z"))
        _ = Instant(nanos: nanos).ago(now: .min)
        _ = Instant(nanos: nanos).ago(now: .max)
    }

    @Test("Steps are round, cover the range, and are no more than asked for")
    func steps() {
        for relative in TimeRange.Relative.allCases {
            let range = TimeRange(relative, now: Fixture.now)
            let steps = range.steps(60)
            #expect((20...60).contains(steps.count), "\(relative)")
            #expect(steps.index(of: range.nanos.lowerBound) == 0)
            #expect(steps.index(of: range.nanos.upperBound - 1) == steps.count - 1)
            #expect(steps.index(of: steps.start - 1) == nil)
        }
        #expect(TimeRange(from: .min, to: .max).steps(60).count <= 61)
    }

    @Test("Numbers below zero have a sign, and none of them ends the program")
    func negative() {
        #expect(Units.share(-0.123) == "−12.30 %" || Units.share(-0.123) == "−12 %")
        #expect(Units.fixed(-12.3, 2) == "−12.30")
        for value in [-Double.greatestFiniteMagnitude, -1e300, -0.0, .nan, -.infinity] {
            #expect(!Units.fixed(value, 2).isEmpty)
            #expect(!Units.share(value).isEmpty)
        }
    }

    @Test(
        "Ranges of an address stay where sums with hours cannot overflow",
        arguments: [
            "from=-9223372036854&to=-9223372036853", "from=9223372036853&to=9223372036854",
            "from=now-300y&to=now", "from=now-999999y&to=now%2B999999y", "from=now&to=now-1h",
        ])
    func extremes(_ query: String) {
        let range = TimeRange(FormParameters(query), now: Fixture.now)
        #expect(range.nanos.lowerBound >= -4_000_000_000_000_000_000)
        #expect(range.nanos.upperBound <= 4_000_000_000_000_000_001)
    }

    @Test("DB-14: ends that go by the present keep their text")
    func presentRanges() {
        let range = TimeRange(FormParameters("from=now-3h&to=now"), now: Fixture.now)
        #expect(range.seconds.rounded() == 10_800)
        #expect(range.isLive)
        #expect(range.texts == TimeRange.Texts(from: "now-3h", to: "now"))
        #expect(TimeRange(from: "now-6h", to: "now", now: 0).relative == .hours6)
        #expect(TimeRange(from: "now-", to: "now", now: Fixture.now).relative == .hour1)
    }

    @Test(
        "A segment of a path is decoded, also where it is wrong",
        arguments: [
            ("unknown_service%3Anode", "unknown_service:node"), ("a%20b%2Fc", "a b/c"),
            ("%E2%82%AC", "€"), ("100%", "100%"), ("%zz", "%zz"), ("", ""),
        ])
    func segments(_ text: String, _ decoded: String) {
        #expect(LocalPath.decoded(text) == decoded)
    }
}
