import PerchModel
import Testing

@testable import PerchWire

/// Rules of the text format that recordings do not show.
@Suite struct ExpositionTests {
    static func decode(
        _ text: String, _ format: ExpositionFormat = .text,
        _ change: (inout ExpositionOptions) -> Void = { _ in }
    ) throws -> ExpositionResult {
        var options = ExpositionOptions(defaultTimeMillis: 1_000)
        change(&options)
        return try Exposition.decode(Array(text.utf8), format: format, options: options)
    }

    @Test(
        arguments: [
            ("a 1", ["a"]), ("a{} 1\n", ["a"]), ("a {b=\"c\"} 1", ["a", "b=c"]),
            ("a{b=\"c\",} 1", ["a", "b=c"]), ("a{ b = \"c\" , d=\"e\" } 1", ["a", "b=c", "d=e"]),
            ("a{d=\"e\",b=\"c\"} 1", ["a", "b=c", "d=e"]), ("\t a\t1\t", ["a"]),
            ("{\"a.b\",\"x y\"=\"z\"} 1", ["a.b", "x y=z"]), ("a{B=\"c\"} 1", ["a", "B=c"]),
            ("a{\"b\"=\"c\"} 1", ["a", "b=c"]), ("a:b_c{_d=\"\"} 1", ["a:b_c"]),
            ("a{b=\"\\\\\\\"\\n\\q\"} 1", ["a", "b=\\\"\n\\q"]), ("größe 1", nil),
            ("{\"größe\"} 1", ["größe"]), ("a{b=\"ü\"} 1", ["a", "b=ü"]), ("{b=\"c\"} 1", nil),
            ("a{b=\"c\",b=\"d\"} 1", nil), ("a{__name__=\"c\"} 1", nil), ("a{b=c} 1", nil),
            ("a{b=\"c\"d=\"e\"} 1", nil), ("a{b=\"c} 1", nil), ("a{,} 1", nil),
            ("a{\"b\"} 1", nil), ("{\"a\",\"b\"} 1", nil), ("{\"\"} 1", nil),
            ("a{\"\"=\"c\"} 1", nil),
            ("a{\"q\\\"1\"=\"x\",\"q\"=\"y\"} 1", ["a", "q=y", "q\"1=x"]),
        ] as [(String, [String]?)])
    func namesAndLabels(_ line: String, _ expected: [String]?) throws {
        guard let expected else {
            #expect(throws: WireFailure.self) { try Self.decode(line) }
            return
        }
        let labels = try Self.decode(line).batch.labels(at: 0)
        let pairs = labels.pairs.filter { $0.name != "__name__" }.map { "\($0.name)=\($0.value)" }
        #expect([labels.metricName] + pairs == expected)
        #expect(Labels(labels.pairs) == labels)
    }

    @Test(
        arguments: [
            ("1", 1), ("-1.5", -1.5), ("+2", 2), ("1e3", 1_000), ("1.7E-05", 1.7e-05), (".5", 0.5),
            ("5.", 5), ("+Inf", .infinity), ("-inf", -.infinity), ("infinity", .infinity),
            ("0.1234567890123456789", 0.1234567890123456789), ("1e22", 1e22),
            ("2.5e-308", 2.5e-308),
            ("179769313486231570000000000000", 1.7976931348623157e29), ("-0", -0.0),
            ("9007199254740993", 9_007_199_254_740_992), ("1e400", nil), ("0x1", nil), ("1_0", nil),
            ("", nil), ("a", nil), ("1e", nil), ("--1", nil), ("nan(1)", nil), ("0x1p-3", nil),
            ("1e5000", nil), (".", nil), ("1..2", nil), ("e5", nil),
        ] as [(String, Double?)])
    func numbers(_ text: String, _ expected: Double?) throws {
        guard let expected else {
            #expect(throws: WireFailure.self) { try Self.decode("a \(text)\n") }
            return
        }
        #expect(
            try Self.decode("a \(text)\n").batch.values.map(\.bitPattern) == [expected.bitPattern])
    }

    /// The quick way reads numbers as the plain one does, or not at all.
    @Test func theQuickNumberIsThePlainOne() {
        var state: UInt64 = 9
        func next(_ below: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % below
        }
        let alphabet = Array("0123456789.0123456789eE+-".utf8)
        for _ in 0..<20_000 {
            let bytes = (0...next(12)).map { _ in alphabet[Int(next(UInt64(alphabet.count)))] }
            let quick = ExpositionNumber.fast(bytes.span, 0..<bytes.count)
            let plain = ExpositionNumber.plain(bytes.span, 0..<bytes.count)
            if let quick {
                #expect(
                    quick.bitPattern == plain?.bitPattern,
                    "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
    }

    @Test func times() throws {
        let text = "a 1 5\na 2 -7\nb 3\n"
        let result = try Self.decode(text)
        #expect(result.batch.times == [5, -7, 1_000])
        #expect(result.hasOwnTime == [true, true, false])
        #expect(result.batch.seriesCount == 2)
        let ignored = try Self.decode(text) { $0.honorsTimes = false }
        #expect(ignored.batch.times == [1_000, 1_000, 1_000])
        #expect(ignored.hasOwnTime == [false, false, false])
        let seconds = try Self.decode("a 1 1.5\n# EOF\n", .openMetrics)
        #expect(seconds.batch.times == [1_500])
        for bad in ["a 1 1.5", "a 1 x", "a 1 2 3", "a 1 99999999999999999999"] {
            #expect(throws: WireFailure.self) { try Self.decode(bad) }
        }
    }

    @Test func descriptions() throws {
        let result = try Self.decode(
            """
            # A comment.
            #nothing
            # HELP a It is \\\\ and \\n.
            # TYPE a counter
            # TYPE b untyped
            # HELP "c.d" quoted
            # HELP e
            a 1

            """)
        #expect(
            result.batch.metadata == [
                MetricMetadata(family: "a", type: .counter, unit: "", help: "It is \\ and \n."),
                MetricMetadata(family: "b", type: .unknown, unit: "", help: ""),
                MetricMetadata(family: "c.d", type: .unknown, unit: "", help: "quoted"),
                MetricMetadata(family: "e", type: .unknown, unit: "", help: ""),
            ])
        let again = try Self.decode("# HELP a x\n") { _ in }
        let known = try Self.decode("# HELP a x\n") { $0.knownMetadataHash = again.metadataHash }
        let changed = try Self.decode("# HELP a y\n") { $0.knownMetadataHash = again.metadataHash }
        #expect(known.batch.metadata.isEmpty)
        #expect(changed.batch.metadata.count == 1)
        #expect(throws: WireFailure.self) { try Self.decode("# TYPE a meh\n") }
        let unit = try Self.decode("# UNIT a_seconds seconds\n# EOF", .openMetrics)
        #expect(unit.batch.metadata.map(\.unit) == ["seconds"])
    }

    @Test(arguments: [
        ("a 1\n", "data does not end with # EOF", 4),
        ("# EOF\na 1\n", "unexpected data after # EOF", 6),
        ("a 1\n\n# EOF\n", "expected a metric name", 4),
        ("a 1 # {b=\"c\"}\n# EOF\n", "expected the value of an exemplar", 13),
        ("a 1\r\n# EOF\n", "the timestamp is not valid", 3),
    ])
    func whatOpenMetricsRefuses(_ text: String, _ message: String, _ position: Int) {
        #expect(throws: WireFailure.malformed(message, atByte: position)) {
            try Self.decode(text, .openMetrics)
        }
    }

    @Test func exemplarsOfTextAreRefused() {
        #expect(throws: WireFailure.malformed("expected the end of the line", atByte: 4)) {
            try Self.decode("a 1 # {b=\"c\"} 1\n")
        }
    }

    @Test func longExemplarsAreLeftOut() throws {
        let value = String(repeating: "x", count: 128)
        let result = try Self.decode("a_total 1 # {b=\"\(value)\"} 1\n# EOF\n", .openMetrics)
        #expect(result.batch.exemplars.isEmpty)
        #expect(result.droppedExemplars == 1)
        #expect(result.batch.sampleCount == 1)
    }

    @Test(
        arguments: [
            (nil, .text), ("text/plain; version=0.0.4", .text), ("application/json", .text),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
            (
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
                    + "encoding=delimited", .protobuf
            ),
            ("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily", .protobuf),
            ("application/vnd.google.protobuf;proto=x.Y;encoding=delimited", nil),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                    + "encoding=text", nil
            ),
        ] as [(String?, ExpositionFormat?)])
    func contentTypes(_ header: String?, _ format: ExpositionFormat?) {
        #expect(ExpositionFormat(contentType: header) == format)
    }

    /// `fallback_scrape_protocol` is for answers that do not say what they are, and for them only.
    @Test func theFallbackIsForUnknownTypes() {
        #expect(ExpositionFormat(contentType: nil, fallback: .openMetrics) == .openMetrics)
        #expect(ExpositionFormat(contentType: "text/html", fallback: .openMetrics) == .openMetrics)
        #expect(ExpositionFormat(contentType: "text/plain", fallback: .openMetrics) == .text)
    }
}
