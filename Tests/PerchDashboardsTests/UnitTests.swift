import PerchDashboards
import PerchModel
import PerchTestSupport
import Testing

@Suite struct UnitTests {
    private static func text(_ unit: String, _ value: Double, _ decimals: Int? = nil) -> String {
        UnitFormat(unit: unit).text(value, decimals: decimals, clock: DashboardFiles.clock)
    }

    @Test(arguments: [
        ("none", 1_234.5, "1235"), ("none", 12, "12"), ("none", 0.123, "0.123"),
        ("none", 0.00012345, "0.000123"), ("none", 2.5, "2.50"), ("none", 0, "0"),
        ("short", 1_500, "1.50 K"), ("short", 2_000_000, "2 Mil"), ("short", 999, "999"),
        ("short", 1e9, "1 Bil"), ("short", -1_500, "-1.50 K"),
        ("percent", 12.345, "12.3%"), ("percentunit", 0.5, "50%"), ("percentunit", 0.999, "99.9%"),
        ("bytes", 1_024, "1 KiB"), ("bytes", 1_536, "1.50 KiB"), ("bytes", 0, "0 B"),
        ("bytes", 500, "500 B"), ("kbytes", 2_048, "2 MiB"), ("bytes", 1_099_511_627_776, "1 TiB"),
        ("decbytes", 1_500_000, "1.50 MB"), ("bits", 2_048, "2 Kib"), ("decbits", 1_000, "1 kb"),
        ("Bps", 1_500, "1.50 kB/s"), ("bps", 1_000_000, "1 Mb/s"), ("binBps", 1_024, "1 KiB/s"),
        ("MBs", 2, "2 MB/s"), ("MBs", 2_000, "2 GB/s"), ("pps", 5_000, "5 kp/s"),
        ("s", 0.5, "500 ms"), ("s", 0.0000005, "500 ns"), ("s", 90, "1.50 mins"),
        ("s", 7_200, "2 hours"), ("s", 172_800, "2 days"), ("s", 0, "0 s"), ("s", 1, "1 s"),
        ("ms", 1_500, "1.50 s"), ("ms", 12, "12 ms"), ("µs", 1_500, "1.50 ms"),
        ("ns", 1_500, "1.50 µs"), ("m", 90, "1.50 hours"), ("h", 48, "2 days"),
        ("d", 14, "2 weeks"), ("timeticks", 100, "1 s"),
        ("hertz", 2_500, "2.50 kHz"), ("hertz", 0.002, "2 mHz"),
        ("ops", 1_500, "1.50K ops/s"), ("reqps", 12, "12 req/s"), ("iops", 2_000_000, "2M io/s"),
        ("currencyUSD", 1_500, "$1.50K"), ("currencySEK", 12, "12 kr"),
        ("celsius", 21.5, "21.5 °C"), ("rotrpm", 1_200, "1200 rpm"), ("watt", 1_500, "1.50 kW"),
        ("kwatt", 0.5, "500 W"), ("mamp", 1_500, "1.50 A"), ("volt", 230, "230 V"),
        ("bool", 1, "True"), ("bool_yes_no", 0, "No"), ("bool_on_off", 2, "On"),
        ("hex", 255, "FF"), ("hex0x", 255, "0xFF"), ("sci", 12_345, "1.2345e+4"),
        ("locale", 1_234_567.891, "1,234,567.891"), ("string", 1.5, "1.5"),
        ("prefix:~", 5, "~5"), ("suffix:req", 5, "5 req"), ("si:mF", 5, "5 mF"),
        ("si:F", 5_000, "5 kF"), ("count:hits", 1_500, "1.50K hits"), ("currency:£", 2, "£2"),
        ("bool:up/down", 0, "down"), ("req/s", 3, "3 req/s"), ("", 3, "3"),
        ("time:YYYY-MM-DD", 1_763_755_200_000, "2025-11-21"),
        ("dateTimeAsIso", 1_763_755_200_000, "2025-11-21 20:00:00"),
        ("dateTimeAsIsoNoDateIfToday", 1_763_755_200_000, "20:00:00"),
        ("dateTimeAsUS", 1_763_755_200_000, "11/21/2025 8:00:00 pm"),
        ("dateTimeFromNow", 1_763_755_200_000, "an hour ago"),
        ("dateTimeFromNow", 1_763_758_500_000, "5 minutes ago"),
        ("dtdurations", 3_600, "1 hour"), ("dtdurationms", 90_000, "1 minute"),
        ("dtdurations", 0, "0 seconds"), ("dthms", 3_723, "01:02:03"),
        ("dtdhms", 90_123, "1 d 01:02:03"), ("clockms", 62_003, "01m:02s:003ms"),
        ("clocks", 3_600, "01h:00m:00s:000ms"), ("bytes", .infinity, "∞"), ("s", .nan, "NaN"),
        ("none", -.infinity, "-∞"),
    ])
    func aValueInItsUnit(_ unit: String, _ value: Double, _ text: String) {
        #expect(Self.text(unit, value) == text)
    }

    @Test(arguments: [
        ("none", 1.005, 2, "1.00"), ("none", 2, 2, "2.00"), ("none", 1.45, 1, "1.5"),
        ("percent", 99.95, 1, "100.0%"), ("bytes", 1_536, 0, "2 KiB"), ("none", -2.5, 0, "-2"),
        ("none", 0, 3, "0.000"), ("dtdurations", 3_723, 2, "1 hour, 2 minutes, 3 seconds"),
        ("none", 1e21, 2, "1e+21"), ("clockms", 62_003, 0, "01m"), ("sci", 12_345, 2, "1.23e+4"),
    ])
    func decimalsAreThoseAskedFor(
        _ unit: String, _ value: Double, _ decimals: Int, _ text: String
    ) {
        #expect(Self.text(unit, value, decimals) == text)
    }

    @Test(arguments: [
        (0.1, "0.1"), (1e-7, "1e-7"), (123_456_789_012_345_683_968, "123456789012345680000"),
        (1e21, "1e+21"), (0.000001, "0.000001"), (-1.5e300, "-1.5e+300"),
        (.leastNonzeroMagnitude, "5e-324"),
        (100, "100"), (1_234.5, "1234.5"),
    ])
    func numbersAreWrittenAsScriptsDo(_ value: Double, _ text: String) {
        #expect(NumberText.plain(value) == text)
    }

    /// Every unit that the public dashboards name is in the table, but for their own words.
    @Test(.enabled(if: TestData.isAvailable)) func unitsOfPublicFilesAreKnown() throws {
        var unknown: Set<String> = []
        for name in DashboardFiles.names {
            for panel in try DashboardFiles.load(name).panels {
                for unit in panel.fieldConfig.units where !UnitFormat.isKnown(unit) {
                    unknown.insert(unit)
                }
            }
        }
        #expect(unknown == ["req/s"])
    }

    @Test func aFormatIsJSONForScripts() throws {
        var writer = JSONWriter()
        UnitFormat(unit: "percentunit").write(to: &writer)
        let json = try JSONValue(reading: writer.bytes)
        #expect(json.at("kind")?.scalarText == "number")
        #expect(
            json.at("steps").items == [.array([.number("0.0"), .number("0.01"), .string("%")])])
        for id in UnitFormat.ids {
            var writer = JSONWriter()
            UnitFormat(unit: id).write(to: &writer)
            #expect(throws: Never.self) { try JSONValue(reading: writer.bytes) }
            for value in [
                0, 1, -1, 0.5, 1e18, -1e-18, .infinity, .nan, 1e308, .leastNonzeroMagnitude,
            ] {
                #expect(!Self.text(id, value).isEmpty, "\(id) of \(value)")
            }
        }
    }

    @Test func dates() {
        #expect(DateText.millis("2025-11-21T20:00:00Z") == 1_763_755_200_000)
        #expect(DateText.millis("2025-11-21T21:00:00.25+01:00") == 1_763_755_200_250)
        #expect(DateText.millis("1969-12-31") == -86_400_000)
        #expect(DateText.millis("soon") == nil)
        #expect(
            DateText.text(
                1_763_755_200_000, pattern: "dddd, MMMM Do YYYY, h:mm A Z", offsetMinutes: 90)
                == "Friday, November 21st 2025, 9:30 PM +01:30")
    }
}
