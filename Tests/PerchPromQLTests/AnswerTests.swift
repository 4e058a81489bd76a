import PerchModel
import PerchTestSupport
import Testing

@testable import PerchPromQL

/// The shapes of prometheus.io's "HTTP API", byte by byte.
@Suite struct AnswerTests {
    private static func engine() async throws -> QueryEngine {
        let store = InMemorySampleStore()
        var batch = SampleBatch()
        for (index, job) in ["prometheus", "no\"de"].enumerated() {
            let series = batch.addSeries(
                Labels([("__name__", "up"), ("job", job), ("instance", "localhost:909\(index)")]))
            batch.addSample(
                series: series, timeMillis: 1_435_781_430_781, value: Double(1 - index))
            batch.addSample(series: series, timeMillis: 1_435_781_445_781, value: 0.1)
        }
        var histogram = NativeHistogram()
        histogram.schema = 1
        histogram.zeroThreshold = 0.25
        histogram.zeroCount = 3
        histogram.count = 42
        histogram.sum = 34593.34
        histogram.positiveSpans = NativeHistogram.spans(firstIndex: -1, count: 3)
        histogram.positiveCounts = [12, 0, 27]
        let series = batch.addSeries(Labels([("__name__", "h")]))
        batch.histograms = [
            HistogramSample(series: series, timeMillis: 1_435_781_430_000, histogram: histogram)
        ]
        try await store.append(batch)
        return QueryEngine(source: store)
    }

    private static func answer(
        _ query: String, _ times: QueryTimes = .instant(1_435_781_451_781), limit: Int? = nil
    ) async throws -> String {
        do {
            let result = try await engine().evaluate(query, times)
            return String(
                decoding: AnswerWriter.success(result, query: query, limit: limit), as: UTF8.self)
        } catch let failure as QueryFailure {
            return String(decoding: AnswerWriter.failure(failure), as: UTF8.self)
        }
    }

    @Test func instantVector() async throws {
        #expect(
            try await Self.answer("sort_by_label(up, \"instance\")")
                == #"{"status":"success","data":{"resultType":"vector","result":["#
                + #"{"metric":{"__name__":"up","instance":"localhost:9090","job":"prometheus"},"#
                + #""value":[1435781451.781,"0.1"]},"#
                + #"{"metric":{"__name__":"up","instance":"localhost:9091","job":"no\"de"},"#
                + #""value":[1435781451.781,"0.1"]}]}}"#)
    }

    @Test func matrix() async throws {
        let text = try await Self.answer(
            #"up{job="prometheus"}"#,
            .range(1_435_781_430_781, 1_435_781_460_781, step: 15_000))
        #expect(
            text == #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":"#
                + #"{"__name__":"up","instance":"localhost:9090","job":"prometheus"},"values":"#
                + #"[[1435781430.781,"1"],[1435781445.781,"0.1"],[1435781460.781,"0.1"]]}]}}"#)
    }

    @Test func scalarAndString() async throws {
        #expect(
            try await Self.answer("1e-7", .instant(1_000))
                == #"{"status":"success","data":{"resultType":"scalar","result":[1,"0.0000001"]}}"#)
        #expect(
            try await Self.answer("\"a\\nb\"", .instant(1_050))
                == #"{"status":"success","data":{"resultType":"string","result":[1.050,"a\nb"]}}"#)
        #expect(
            try await Self.answer("1", .range(0, 1_000, step: 1_000))
                == #"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"#
                + #""values":[[0,"1"],[1,"1"]]}]}}"#)
        #expect(
            try await Self.answer("nothing")
                == #"{"status":"success","data":{"resultType":"vector","result":[]}}"#)
    }

    @Test func nativeHistogram() async throws {
        #expect(
            try await Self.answer("h", .instant(1_435_781_430_000))
                == #"{"status":"success","data":{"resultType":"vector","result":[{"metric":"#
                + #"{"__name__":"h"},"histogram":[1435781430,{"count":"42","sum":"34593.34","#
                + #""buckets":[[3,"-0.25","0.25","3"],[0,"0.5","0.7071067811865476","12"],"#
                + #"[0,"1","1.4142135623730951","27"]]}]}]}}"#)
    }

    @Test func remarksAndLimits() async throws {
        let text = try await Self.answer("rate(up[1m])", limit: 1)
        #expect(text.contains(#""warnings":["results truncated due to limit"]"#))
        #expect(
            text.hasSuffix(
                #","infos":["PromQL info: metric might not be a counter, name does not end in "#
                    + #"_total/_sum/_count/_bucket: \"up\" (1:6)"]}"#))
    }

    @Test func failures() async throws {
        #expect(
            try await Self.answer("up[")
                == #"{"status":"error","errorType":"bad_data","error":"1:4: parse error: "#
                + #"unexpected end of input in duration expression"}"#)
        #expect(
            try await Self.answer("up[1m]", .range(0, 1_000, step: 1_000))
                == #"{"status":"error","errorType":"bad_data","error":"invalid expression type "#
                + #"\"range vector\" for range query, must be Scalar or instant Vector"}"#)
        #expect(
            try await Self.answer("up * on() up")
                .hasPrefix(#"{"status":"error","errorType":"execution","error":"found duplicate"#))
    }

    @Test(arguments: [
        (0, "0"), (-0.0, "-0"), (1, "1"), (-1.5, "-1.5"), (1e20, "100000000000000000000"),
        (1e21, "1e+21"), (1e-6, "0.000001"), (9.9e-7, "9.9e-07"), (.nan, "NaN"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.leastNonzeroMagnitude, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"), (123456.789, "123456.789"),
        (9_007_199_254_740_992, "9007199254740992"), (0.1, "0.1"), (100, "100"),
    ])
    func numbersAreWrittenAsPrometheusDoes(_ value: Double, _ text: String) {
        var output: [UInt8] = []
        NumberText.appendSample(value, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == text)
    }

    @Test(arguments: [
        (1.5, "1.500", "1.5"), (0, "0.000", "0"), (-0.0004, "-0.000", "-0.0004"),
        (0.9996, "1.000", "1"), (9.9999, "10.000", "10"), (123.4565, "123.457", "1.2e+02"),
        (0.00012345, "0.000", "0.00012"), (1e6, "1000000.000", "1e+06"), (2.25, "2.250", "2.3"),
    ])
    func numbersAreRounded(_ value: Double, _ fixed: String, _ short: String) {
        #expect(NumberText.fixed(value, digits: 3) == fixed)
        #expect(NumberText.rounded(value, digits: 2) == short)
    }

    /// Every number is read back as itself.
    @Test func numbersSurvive() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: UInt64.random(in: 0 ... .max, using: &generator))
            guard value.isFinite else { continue }
            var output: [UInt8] = []
            NumberText.appendSample(value, to: &output)
            #expect(Double(String(decoding: output, as: UTF8.self)) == value)
            #expect(Double(NumberText.plain(value)) == value)
            #expect(Double(NumberText.general(value)) == value)
        }
    }

    /// Source: Prometheus' `parse_query`, whose keys are sorted.
    @Test func treeOfAQuery() throws {
        var json = JSONWriter()
        try Parser.parse("-sum by (a) (rate(x{b=\"c\"}[1m] @ 2 offset 5s))").write(to: &json)
        #expect(
            String(decoding: json.bytes, as: UTF8.self)
                == #"{"expr":{"expr":{"args":[{"anchored":false,"matchers":["#
                + #"{"name":"b","type":"=","value":"c"},"#
                + #"{"name":"__name__","type":"=","value":"x"}],"name":"x","offset":5000,"#
                + #""offsetExpr":null,"smoothed":false,"startOrEnd":null,"timestamp":2000,"#
                + #""range":60000,"rangeExpr":null,"type":"matrixSelector"}],"func":{"argTypes":"#
                + #"["matrix"],"name":"rate","returnType":"vector","variadic":0},"type":"call"},"#
                + #""grouping":["a"],"op":"sum","param":null,"type":"aggregation","without":false},"#
                + #""op":"-","type":"unaryExpr"}"#)
    }
}
