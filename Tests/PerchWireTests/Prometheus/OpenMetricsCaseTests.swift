import Foundation
import PerchModel
import PerchTestSupport
import Testing

@testable import PerchWire

/// The parser cases of the OpenMetrics project.
@Suite(.enabled(if: TestData.isAvailable))
struct OpenMetricsCaseTests {
    static let cases: [String] = {
        guard let root = TestData.root?.appendingPathComponent("openmetrics-cases"),
            let names = try? FileManager.default.contentsOfDirectory(atPath: root.path)
        else { return [] }
        return names.filter { $0 != "README.md" }.sorted()
    }()

    static func decode(_ bytes: [UInt8], isStrict: Bool) throws -> ExpositionResult {
        var options = ExpositionOptions(defaultTimeMillis: 1)
        options.isStrict = isStrict
        return try Exposition.decode(bytes, format: .openMetrics, options: options)
    }

    @Test func allCasesAreThere() {
        #expect(Self.cases.count == 135)
        #expect(Self.cases.filter { $0.hasPrefix("bad_") }.count == 108)
    }

    @Test(arguments: cases)
    func aCaseIsTakenOrRefused(_ name: String) throws {
        let facts = try TestData.object("openmetrics-cases/\(name)/test.json")
        let bytes = try TestData.bytes("openmetrics-cases/\(name)/metrics")
        if facts["shouldParse"] as? Bool == true {
            let strict = try Self.decode(bytes, isStrict: true)
            let lenient = try Self.decode(bytes, isStrict: false)
            #expect(strict.batch.seriesBytes == lenient.batch.seriesBytes)
            #expect(
                strict.batch.values.map(\.bitPattern) == lenient.batch.values.map(\.bitPattern))
            expectCanonical(strict.batch)
        } else {
            #expect(throws: WireFailure.self) { try Self.decode(bytes, isStrict: true) }
            if let lenient = try? Self.decode(bytes, isStrict: false) {
                expectCanonical(lenient.batch)
            }
        }
    }

    @Test func valuesOfSomeCases() throws {
        func batch(_ name: String) throws -> SampleBatch {
            try Self.decode(
                TestData.bytes("openmetrics-cases/\(name)/metrics"), isStrict: true
            ).batch
        }
        let escaped = try batch("escaping")
        #expect(
            (0..<4).map { escaped.labels(at: $0)["foo"] } == [
                "b\"a\nr", "b\\a\\z", "b\"a\nr # ", "b\\a\\z # ",
            ])
        #expect(escaped.metadata.map(\.help) == ["he\n\\l\\tp"])
        let exemplars = try batch("counter_exemplars")
        #expect(exemplars.times == [123_000])
        #expect(
            exemplars.exemplars == [
                Exemplar(series: 0, timeMillis: 123_000, value: 0.5, labels: Labels([("a", "b")]))
            ])
        #expect(try batch("uint64_counter").values == [9_223_372_036_854_775_808])
        #expect(try batch("leading_zeros_float_gauge").values == [0.12])
        #expect(try batch("nan_gauge").values.map(\.bitPattern) == [0x7ff8_0000_0000_0001])
        #expect(try batch("empty_label").labels(at: 1) == Labels([("__name__", "a_total")]))
        #expect(try batch("simple_stateset").metadata.map(\.type) == [.stateSet])
    }
}
