import Testing

@testable import PerchWire

/// Names as Prometheus translates them; the pairs are those of otlptranslator's documentation.
@Suite struct MetricNameTests {
    @Test(arguments: [
        ("system.filesystem.usage", "By", MetricName.Suffix.none, "system_filesystem_usage_bytes"),
        ("system.network.dropped", "{packets}", .total, "system_network_dropped_total"),
        ("http.server.duration", "ms", .none, "http_server_duration_milliseconds"),
        ("system.cpu.utilization", "1", .ratio, "system_cpu_utilization_ratio"),
        ("requests.total", "1", .total, "requests_total"),
        ("total.requests", "", .total, "requests_total"),
        ("disk.io", "By/s", .none, "disk_io_bytes_per_second"),
        ("fan.speed", "{rpm}/s", .none, "fan_speed_per_second"),
        ("a.bytes", "By", .total, "a_bytes_total"),
        ("1st.metric", "", .none, "_1st_metric"),
        ("a..b__c", "", .none, "a_b_c"),
        ("temp", "Cel", .none, "temp_celsius"),
        ("active", "connections", .none, "active_connections"),
        ("x", "m/h", .none, "x_meters_per_hour"),
        ("名前", "", .none, ""),
        ("job:rate", "", .none, "job:rate"),
    ])
    func metric(_ name: String, _ unit: String, _ suffix: MetricName.Suffix, _ wanted: String) {
        let result = MetricName.translate(
            Array(name.utf8), unit: Array(unit.utf8), suffix: suffix)
        #expect(String(decoding: result, as: UTF8.self) == wanted)
    }

    /// The other strategies of Prometheus 3.
    @Test(arguments: [
        // UnderscoreEscapingWithoutSuffixes, NoUTF8EscapingWithSuffixes, NoTranslation
        (
            "http.server.duration", "ms", MetricName.Suffix.none,
            "http_server_duration", "http.server.duration_milliseconds", "http.server.duration"
        ),
        ("requests", "1", .total, "requests", "requests_total", "requests"),
        ("requests.total", "", .total, "requests_total", "requests_total", "requests.total"),
        (
            "cpu.utilization", "1", .ratio, "cpu_utilization", "cpu.utilization_ratio",
            "cpu.utilization"
        ),
        ("cpu.ratio", "1", .ratio, "cpu_ratio", "cpu_ratio", "cpu.ratio"),
        ("disk.io", "By/s", .none, "disk_io", "disk.io_bytes_per_second", "disk.io"),
        ("disk.bytes", "By", .total, "disk_bytes", "disk.bytes_total", "disk.bytes"),
        ("a..b__c", "", .none, "a_b__c", "a..b__c", "a..b__c"),
        ("1st", "", .none, "_1st", "1st", "1st"),
        ("fan", "{rpm}/s", .none, "fan", "fan_per_second", "fan"),
        ("名前", "s", .none, "", "名前_seconds", "名前"),
        ("__", "", .none, "__", "__", "__"), ("._.", "", .none, "", "._.", "._."),
        ("", "", .none, "", "", ""),
    ])
    func otherStrategies(
        _ name: String, _ unit: String, _ suffix: MetricName.Suffix, _ plain: String,
        _ suffixed: String, _ unchanged: String
    ) {
        func translated(_ strategy: OTLPMetricsOptions.Strategy) -> String {
            String(
                decoding: MetricName.translate(
                    Array(name.utf8), unit: Array(unit.utf8), suffix: suffix, strategy),
                as: UTF8.self)
        }
        #expect(translated(.underscoresWithoutSuffixes) == plain)
        #expect(translated(.unchangedWithSuffixes) == suffixed)
        #expect(translated(.unchanged) == unchanged)
    }

    @Test func labelStyles() {
        func label(_ name: String, _ style: LabelStyle) -> String {
            var output: [UInt8] = []
            MetricName.appendLabel(Array(name.utf8).span, style, to: &output)
            return String(decoding: output, as: UTF8.self)
        }
        #expect(label("a..b", LabelStyle(keepsUnderscoreRuns: false)) == "a_b")
        #expect(label("__a", LabelStyle(keepsUnderscoreRuns: false)) == "key_a")
        #expect(label("_x", LabelStyle(prefixesUnderscores: false)) == "_x")
        #expect(label("1.x", .unchanged) == "1.x")
    }

    @Test(arguments: [
        ("http.method", "http_method"), ("1st", "key_1st"), ("_x", "key_x"), ("__x", "__x"),
        ("a名b", "a_b"), ("ok_1", "ok_1"), ("a..b", "a__b"), (".a", "key_a"),
    ])
    func label(_ name: String, _ wanted: String) {
        var output: [UInt8] = []
        MetricName.appendLabel(Array(name.utf8).span, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == wanted)
    }

    @Test(arguments: [
        (0.5, "0.5"), (1, "1"), (10_000, "10000"), (0.005, "0.005"), (1e-5, "0.00001"),
        (1e16, "10000000000000000"), (1.5e20, "150000000000000000000"), (-2.5e-7, "-0.00000025"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (0, "0"),
    ])
    func float(_ value: Double, _ wanted: String) {
        #expect(FloatText.plain(value) == wanted)
    }
}
