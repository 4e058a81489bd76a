import PerchModel
import Testing

@testable import PerchWire

/// Rules of data points that recordings do not show.
@Suite struct OTLPMetricsTests {
    static func decode(
        _ metric: String, resource: String = #"{"key":"service.name","value":{"stringValue":"s"}}"#,
        scope: String = "", options: OTLPMetricsOptions = OTLPMetricsOptions()
    ) throws -> OTLPMetricsResult {
        let body = """
            {"resourceMetrics":[{"resource":{"attributes":[\(resource)]},
            "scopeMetrics":[{\(scope)"metrics":[\(metric)]}]}]}
            """
        return try OTLPMetrics.decodeJSON(
            Array(body.utf8), receivedNanos: 9_000_000_000, options: options)
    }

    static func samples(_ result: OTLPMetricsResult) -> [String: Double] {
        var found: [String: Double] = [:]
        for index in result.batch.times.indices {
            let labels = result.batch.labels(at: Int(result.batch.seriesIndexes[index]))
            let rest = labels.pairs.filter {
                !["__name__", "job", "service_name"].contains($0.name)
            }
            let text = rest.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            found["\(labels.metricName){\(text)}"] = result.batch.values[index]
        }
        return found
    }

    @Test func classicHistogramIsCumulative() throws {
        let result = try Self.decode(
            """
            {"name":"d","unit":"s","histogram":{"aggregationTemporality":2,"dataPoints":[{
            "timeUnixNano":"5000000000","count":"6","sum":3.5,"bucketCounts":["1","2","3"],
            "explicitBounds":[0.5,1]}]}}
            """)
        #expect(
            Self.samples(result) == [
                "d_seconds_bucket{le=0.5}": 1, "d_seconds_bucket{le=1}": 3,
                "d_seconds_bucket{le=+Inf}": 6, "d_seconds_sum{}": 3.5, "d_seconds_count{}": 6,
            ])
        #expect(Set(result.batch.times) == [5_000])
        #expect(
            result.batch.metadata == [
                MetricMetadata(family: "d_seconds", type: .histogram, unit: "s", help: "")
            ])
    }

    @Test func deltaSeriesAreNamedWithTheirStart() throws {
        let result = try Self.decode(
            """
            {"name":"n","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[
            {"startTimeUnixNano":"4000000000","timeUnixNano":"5000000000","asInt":"3"}]}},
            {"name":"g","gauge":{"dataPoints":[{"timeUnixNano":"5000000000","asInt":"3"}]}}
            """)
        #expect(Self.samples(result) == ["n_total{}": 3, "g{}": 3])
        #expect(result.deltaSeries == [0: 4_000])
    }

    @Test func exponentialHistogramIsScaledDown() throws {
        let result = try Self.decode(
            """
            {"name":"e","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[
            {"timeUnixNano":"1","count":"7","scale":9,"zeroCount":"1",
            "positive":{"offset":-1,"bucketCounts":["1","2","3"]}},
            {"timeUnixNano":"1","count":"1","scale":-5}]}}
            """)
        let histogram = try #require(result.batch.histograms.first).histogram
        #expect(histogram.schema == 8)
        #expect(histogram.positiveSpans == [NativeHistogram.Span(offset: 0, length: 2)])
        #expect(histogram.positiveCounts == [1, 5])
        #expect(result.pointCount == 2)
        #expect(result.rejectedCount == 1)
        #expect(result.rejectedMessage.contains("scale"))
    }

    @Test func summaryBecomesQuantiles() throws {
        let result = try Self.decode(
            """
            {"name":"q","summary":{"dataPoints":[{"timeUnixNano":"1","count":"2","sum":3,
            "quantileValues":[{"quantile":0.99,"value":2}]}]}}
            """)
        #expect(
            Self.samples(result) == ["q{quantile=0.99}": 2, "q_sum{}": 3, "q_count{}": 2])
    }

    @Test func badPointsAreCountedAndRefused() throws {
        let result = try Self.decode(
            """
            {"name":"a","gauge":{"dataPoints":[{"timeUnixNano":"1"},{"asInt":"1"}]}},
            {"name":"b","sum":{"dataPoints":[{"asInt":"1"}]}},
            {"name":"","gauge":{"dataPoints":[{"asInt":"1"}]}},
            {"name":"c","histogram":{"aggregationTemporality":2,"dataPoints":[
            {"bucketCounts":["1"],"explicitBounds":[1,2]}]}}
            """)
        #expect(result.pointCount == 5)
        #expect(result.rejectedCount == 4)
        #expect(result.batch.times == [9_000])
    }

    @Test func labelsThatMeetAreJoinedAndResourceWins() throws {
        let result = try Self.decode(
            """
            {"name":"a","gauge":{"dataPoints":[{"asInt":"1","attributes":[
            {"key":"x.y","value":{"stringValue":"1"}},{"key":"x_y","value":{"intValue":"2"}},
            {"key":"job","value":{"stringValue":"mine"}},{"key":"e","value":{"stringValue":""}},
            {"key":"__name__","value":{"stringValue":"mine"}}]}]}}
            """,
            resource: """
                {"key":"service.name","value":{"stringValue":"s"}},
                {"key":"service.namespace","value":{"stringValue":"ns"}},
                {"key":"service.instance.id","value":{"stringValue":"i"}},
                {"key":"host.name","value":{"stringValue":"h"}}
                """)
        let pairs = result.batch.labels(at: 0).pairs.map { "\($0.name)=\($0.value)" }
        #expect(
            pairs == ["__name__=a", "instance=i", "job=ns/s", "service_name=s", "x_y=1;2"])
        let info = result.batch.labels(at: 1)
        #expect(info.metricName == "target_info")
        #expect(info["host_name"] == "h")
        #expect(info["job"] == "ns/s")
    }

    /// The table against the plain way: a dictionary of labels.
    @Test func eachSeriesStandsOnce() throws {
        var points: [String] = []
        for index in 0..<300 {
            points.append(
                """
                {"asInt":"\(index)","attributes":[{"key":"k","value":{"intValue":"\(index % 90)"}}]}
                """)
        }
        let result = try Self.decode(
            #"{"name":"a","gauge":{"dataPoints":[\#(points.joined(separator: ","))]}}"#)
        let series = (0..<result.batch.seriesCount).map { result.batch.labels(at: $0) }
        #expect(series.count == 90)
        #expect(Set(series).count == 90)
        for (sample, index) in result.batch.seriesIndexes.enumerated() {
            #expect(series[Int(index)]["k"] == String(sample % 90))
        }
    }
}
