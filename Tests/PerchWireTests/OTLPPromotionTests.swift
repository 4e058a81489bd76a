import PerchModel
import Testing

@testable import PerchWire

/// What Prometheus' section `otlp` makes of resources, scopes and histograms.
@Suite struct OTLPPromotionTests {
    static func attribute(_ key: String, _ value: String) -> String {
        "{\"key\":\"\(key)\",\"value\":{\"stringValue\":\"\(value)\"}}"
    }

    static let resource = [
        attribute("service.name", "shop"), attribute("service.instance.id", "i1"),
        attribute("k8s.pod.name", "p1"), attribute("host.name", "h1"), attribute("job", "own"),
    ].joined(separator: ",")

    static let gauge = """
        {"name":"temp.now","unit":"s","gauge":{"dataPoints":[{"timeUnixNano":"5000000000",
        "asDouble":1,"attributes":[{"key":"host.name","value":{"stringValue":"point"}},
        {"key":"a.b","value":{"stringValue":"v"}}]}]}}
        """

    /// All series as text, by their order.
    static func series(
        _ change: (inout OTLPMetricsOptions) -> Void, scope: String = "", metric: String = gauge
    ) throws -> [String] {
        var options = OTLPMetricsOptions()
        change(&options)
        #expect(options.mistake == nil)
        let result = try OTLPMetricsTests.decode(
            metric, resource: resource, scope: scope, options: options)
        return (0..<result.batch.seriesCount).map { index in
            result.batch.labels(at: index).pairs.map { "\($0.name)=\($0.value)" }
                .joined(separator: " ")
        }
    }

    @Test func nothingIsPromotedUnasked() throws {
        #expect(
            try Self.series { _ in } == [
                "__name__=temp_now_seconds a_b=v host_name=point instance=i1 job=shop "
                    + "service_name=shop",
                "__name__=target_info host_name=h1 instance=i1 job=shop k8s_pod_name=p1 "
                    + "service_name=shop",
            ])
    }

    /// A label of the point wins over a promoted one, `job` and `instance` over both; the series
    /// `target_info` gets none.
    @Test func listedAttributesAreLabels() throws {
        let series = try Self.series { $0.promoted = ["k8s.pod.name", "host.name", "job"] }
        #expect(
            series.first
                == "__name__=temp_now_seconds a_b=v host_name=point instance=i1 job=shop "
                + "k8s_pod_name=p1 service_name=shop")
        #expect(
            series.last
                == "__name__=target_info host_name=h1 instance=i1 job=shop k8s_pod_name=p1 "
                + "service_name=shop")
    }

    @Test func allButTheIgnoredAreLabels() throws {
        let series = try Self.series {
            $0.promotesAll = true
            $0.ignored = ["host.name", "service.instance.id"]
        }
        #expect(
            series.first
                == "__name__=temp_now_seconds a_b=v host_name=point instance=i1 job=shop "
                + "k8s_pod_name=p1 service_name=shop")
    }

    @Test func namesCanStayAsTheyAre() throws {
        let series = try Self.series {
            $0.strategy = .unchanged
            $0.promoted = ["k8s.pod.name"]
            $0.keepsIdentity = true
        }
        #expect(
            series == [
                "__name__=temp.now a.b=v host.name=point instance=i1 job=shop k8s.pod.name=p1 "
                    + "service_name=shop",
                "__name__=target_info host.name=h1 instance=i1 job=shop k8s.pod.name=p1 "
                    + "service.instance.id=i1 service.name=shop service_name=shop",
            ])
    }

    @Test func scopesAreLabels() throws {
        let scope = """
            "schemaUrl":"u","scope":{"name":"lib","version":"2","attributes":[
            {"key":"x.y","value":{"stringValue":"z"}}]},
            """
        let series = try Self.series({ $0.promotesScope = true }, scope: scope)
        #expect(
            series == [
                "__name__=temp_now_seconds a_b=v host_name=point instance=i1 job=shop "
                    + "otel_scope_name=lib otel_scope_schema_url=u otel_scope_version=2 "
                    + "otel_scope_x_y=z service_name=shop",
                "__name__=target_info host_name=h1 instance=i1 job=shop k8s_pod_name=p1 "
                    + "service_name=shop",
            ])
        // One without a name has nothing to tell.
        let unnamed = try Self.series({ $0.promotesScope = true }, scope: "\"schemaUrl\":\"u\",")
        #expect(unnamed.first?.contains("otel_scope") == false)
    }

    @Test func histogramsWithBoundsBecomeNative() throws {
        var options = OTLPMetricsOptions()
        options.convertsHistograms = true
        let result = try OTLPMetricsTests.decode(
            """
            {"name":"d","unit":"s","histogram":{"aggregationTemporality":2,"dataPoints":[{
            "timeUnixNano":"5000000000","count":"4","sum":3.5,"bucketCounts":["1","0","3"],
            "explicitBounds":[0.5,1]}]}}
            """, options: options)
        #expect(result.batch.sampleCount == 0)
        let sample = try #require(result.batch.histograms.first, "\(result.rejectedMessage)")
        #expect(result.batch.labels(at: Int(sample.series)).metricName == "d_seconds")
        #expect(sample.histogram.customBounds == [0.5, 1])
        #expect(sample.histogram.positiveCounts == [1, 3])
        #expect(sample.histogram.positiveSpans.map(\.offset) == [0, 1])
        #expect(sample.histogram.count == 4)
        #expect(sample.histogram.sum == 3.5)
    }

    /// Readers look back five minutes: `target_info` is there for all times of a request.
    @Test func targetInfoCoversThePointsOfARequest() throws {
        let points = [0, 200, 600].map {
            "{\"timeUnixNano\":\"\(1_000 + $0)000000000\",\"asInt\":\"1\"}"
        }
        let result = try OTLPMetricsTests.decode(
            "{\"name\":\"g\",\"gauge\":{\"dataPoints\":[\(points.joined(separator: ","))]}}",
            resource: Self.resource)
        let info = try #require(
            (0..<result.batch.seriesCount).first {
                result.batch.labels(at: $0).metricName == "target_info"
            })
        let times = result.batch.times.indices.filter {
            Int(result.batch.seriesIndexes[$0]) == info
        }.map { result.batch.times[$0] }
        #expect(times == [1_000_000, 1_150_000, 1_300_000, 1_450_000, 1_600_000])
        // Hostile times make no flood of them.
        let far = try OTLPMetricsTests.decode(
            """
            {"name":"g","gauge":{"dataPoints":[{"timeUnixNano":"1","asInt":"1"},
            {"timeUnixNano":"9000000000000000000","asInt":"1"}]}}
            """, resource: Self.resource)
        #expect(far.batch.sampleCount == 2 + Int(Limits.maxTargetInfos) + 1)
    }

    @Test func settingsThatContradictAreTold() {
        func mistake(_ change: (inout OTLPMetricsOptions) -> Void) -> String? {
            var options = OTLPMetricsOptions()
            change(&options)
            return options.mistake
        }
        #expect(
            mistake {
                $0.promotesAll = true
                $0.promoted = ["a"]
            }?.contains("simultaneously") == true)
        #expect(mistake { $0.ignored = ["a"] }?.contains("unless") == true)
        #expect(
            mistake { $0.promoted = ["a", "a"] }
                == "invalid 'promote_resource_attributes': duplicated promoted OTel resource "
                + "attribute \"a\"")
    }
}
