import PerchModel
import Testing

@testable import PerchWire

/// Bounds in `le` and `quantile` in one form, as Prometheus 3 gives those of scrapes.
@Suite struct BoundTextTests {
    private static func normal(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return BoundText.normal(bytes.span, 0..<bytes.count)
            .map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    @Test(arguments: [
        ("1", "1.0"), ("1.0", "1.0"), ("0", "0.0"), ("0.0", "0.0"), ("-1", "-1.0"), (".5", "0.5"),
        ("0.50", "0.5"), ("00.5", "0.5"), ("100000", "100000.0"), ("1000000", "1e+06"),
        ("1e3", "1000.0"), ("0.0001", "0.0001"), ("0.00001", "1e-05"), ("2.5e-05", "2.5e-05"),
        ("+Inf", "+Inf"), ("inf", "+Inf"), ("-Inf", "-Inf"), ("NaN", "NaN"), ("", ""),
        ("often", "often"), ("1.", "1.0"), ("0.99", "0.99"), ("1234567.5", "1.2345675e+06"),
    ])
    func bounds(_ text: String, _ expected: String) {
        #expect(Self.normal(text) == expected)
    }

    /// What is taken for normal without a look at the number is so.
    @Test func theQuickLookIsRight() {
        var state: UInt64 = 5
        func next(_ below: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % below
        }
        let alphabet = Array("0012345.0012345.e-+".utf8)
        var normalCount = 0
        for _ in 0..<50_000 {
            let bytes = (0...next(9)).map { _ in alphabet[Int(next(UInt64(alphabet.count)))] }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let value = ExpositionNumber.value(bytes.span, 0..<bytes.count) else {
                #expect(Self.normal(text) == text)
                continue
            }
            let expected = FloatText.openMetrics(value)
            if text == expected { normalCount += 1 }
            #expect(Self.normal(text) == expected, "\(text)")
        }
        #expect(normalCount > 1_000)
    }

    private static func labels(
        _ text: String, _ format: ExpositionFormat = .text, normalizes: Bool = true
    ) throws -> [String] {
        let batch = try ExpositionTests.decode(text, format) { $0.normalizesBounds = normalizes }
            .batch
        return (0..<batch.seriesCount).map { index in
            batch.labels(at: index).pairs.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        }
    }

    /// MET-4: only of the types that have bounds, in both formats, whatever else a line has.
    @Test func ofHistogramsAndSummaries() throws {
        let text = """
            # TYPE h histogram
            h_bucket{le="1",a="\\"x\\""} 1
            h_bucket{a="1",le="+Inf"} 1
            # HELP s About.
            # TYPE s summary
            s{quantile="1",le="1"} 1
            # TYPE g gauge
            g{quantile="1",le="1"} 1

            """
        #expect(
            try Self.labels(text) == [
                "__name__=h_bucket a=\"x\" le=1.0", "__name__=h_bucket a=1 le=+Inf",
                "__name__=s le=1 quantile=1.0", "__name__=g le=1 quantile=1",
            ])
        #expect(try Self.labels(text, normalizes: false).first?.hasSuffix("le=1") == true)
        let metrics = "# TYPE h histogram\nh_bucket{le=\"10\"} 1 # {le=\"3\"} 1\n# EOF\n"
        #expect(try Self.labels(metrics, .openMetrics) == ["__name__=h_bucket le=10.0"])
    }
}
