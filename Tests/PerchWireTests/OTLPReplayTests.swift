import PerchCodec
import PerchModel
import PerchTestSupport
import PerchWire
import Testing

/// Recorded requests of real SDKs, against counts made with the official protobuf classes.
@Suite(.enabled(if: TestData.isAvailable))
struct OTLPReplayTests {
    static let folders = [
        "edge-logs", "edge-logs-json", "edge-metrics", "edge-metrics-delta", "edge-metrics-json",
        "edge-traces", "edge-traces-json", "edge-traces-grpc", "shop-grpc-gzip", "shop-grpc-plain",
        "shop-http-json-gzip", "shop-http-json-plain", "shop-http-protobuf-delta",
        "shop-http-protobuf-gzip", "shop-http-protobuf-plain",
    ]

    @Test(arguments: folders)
    func traces(_ folder: String) throws {
        let expected = try Expected(folder, "traces")
        var tally = Tally()
        var traces: [String: TraceTally] = [:]
        for batch in try Replay(folder).traces {
            for row in 0..<batch.rowCount { count(batch, row, &tally, &traces) }
        }
        #expect(tally.total == expected.int("span_count"))
        #expect(traces.count == expected.int("trace_count"))
        #expect(tally["service"] == expected.counts("spans_by_service"))
        #expect(tally["kind"] == expected.counts("spans_by_kind"))
        #expect(tally["status"] == expected.counts("spans_by_status"))
        #expect(tally["name"] == expected.counts("spans_by_service_and_name"))
        #expect(tally["scope"] == expected.counts("spans_by_scope"))
        #expect(tally.sum("links") == expected.int("links"))
        #expect(tally.sum("remote") == expected.int("spans_with_remote_parent_flag"))
        #expect(tally.sum("state") == expected.int("spans_with_trace_state"))
        #expect(tally.sum("dropped_attributes_count") == expected.int("dropped_attributes"))
        #expect(tally.sum("dropped_events_count") == expected.int("dropped_events"))
        #expect(tally.sum("dropped_links_count") == expected.int("dropped_links"))
        for trace in expected.objects("trace_list") {
            let id = try #require(trace["trace_id"] as? String)
            let found = try #require(traces[id])
            #expect(found.spans == trace["spans"] as? Int)
            #expect(found.services.sorted() == (trace["services"] as? [String])?.sorted())
            #expect(found.errors == trace["error_spans"] as? Int)
            #expect(String(found.start) == trace["start_unix_nano"] as? String)
            #expect(String(found.end) == trace["end_unix_nano"] as? String)
        }
    }

    private func count(
        _ batch: EventBatch, _ row: Int, _ tally: inout Tally,
        _ traces: inout [String: TraceTally]
    ) {
        func int(_ name: String) -> Int64 {
            guard case .int(let value)? = batch.value(of: .init(name, space: .record), row: row)
            else { return 0 }
            return value
        }
        func text(_ name: String) -> String {
            batch.value(of: .init(name, space: .record), row: row)?.text ?? ""
        }
        let service = batch.resource(ofRow: row).service
        let kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
        tally.total += 1
        tally.add("service", service)
        tally.add("kind", kinds[Int(int("kind"))])
        tally.add("status", ["UNSET", "OK", "ERROR"][Int(int("status_code"))])
        tally.add("name", "\(service) | \(text("name"))")
        tally.add("scope", text("scope_name"))
        tally.add("links", "", JSONCount.elements(text("links")))
        if int("flags") & 0x200 != 0 { tally.add("remote", "") }
        if !text("trace_state").isEmpty { tally.add("state", "") }
        for name in ["dropped_attributes_count", "dropped_events_count", "dropped_links_count"] {
            tally.add(name, "", Int(int(name)))
        }
        let start = batch.times[row]
        traces[text("trace_id"), default: TraceTally()].add(
            service: service, isError: int("status_code") == 2, start: start,
            end: start + int("duration"))
    }

    @Test(arguments: folders)
    func logs(_ folder: String) throws {
        let expected = try Expected(folder, "logs")
        var records: [LogFacts] = []
        for batch in try Replay(folder).logs {
            for row in 0..<batch.rowCount { records.append(LogFacts(batch, row)) }
        }
        #expect(records.count == expected.int("record_count"))
        #expect(Tally.of(records.map(\.service)) == expected.counts("by_service"))
        #expect(Tally.of(records.map(\.severityText)) == expected.counts("by_severity_text"))
        #expect(
            Tally.of(records.map { String($0.severityNumber) })
                == expected.counts("by_severity_number"))
        #expect(records.count { !$0.traceID.isEmpty } == expected.int("with_trace_id"))
        #expect(Tally.of(records.map(\.bodyKind)) == expected.counts("body_kinds"))
        for (record, wanted) in zip(records, expected.objects("records")) {
            #expect(record.traceID == wanted["trace_id"] as? String)
            #expect(record.spanID == wanted["span_id"] as? String)
            #expect(record.eventName == wanted["event_name"] as? String)
            #expect(record.observed == wanted["observed_time_unix_nano"] as? String)
            if record.bodyKind == "string_value" {
                #expect(record.body == wanted["body"] as? String)
            }
            if wanted["time_unix_nano"] as? String != "0" {
                #expect(record.time == wanted["time_unix_nano"] as? String)
            }
            // `n` was sent without a value, which makes no field.
            let keys = (wanted["attribute_keys"] as? [String] ?? []).filter { $0 != "n" }
            for key in keys { #expect(record.hasAttribute(key), "\(key)") }
        }
    }

    @Test(arguments: folders)
    func metrics(_ folder: String) throws {
        let expected = try Expected(folder, "metrics")
        let results = try Replay(folder).metrics
        #expect(results.reduce(0) { $0 + $1.pointCount } == expected.int("data_point_count"))
        #expect(results.reduce(0) { $0 + $1.rejectedCount } == 0)
        #expect(
            results.reduce(0) { $0 + $1.batch.exemplars.count } == expected.int("exemplar_count"))
        let metrics = expected.objects("metrics")
        let native = metrics.filter { $0["type"] as? String == "exponential_histogram" }
        #expect(
            results.reduce(0) { $0 + $1.batch.histograms.count }
                == native.reduce(0) { $0 + ($1["points"] as? Int ?? 0) })
        for metric in metrics { try check(metric, in: results) }
    }

    /// Every number of a metric stands under its translated name at its time.
    private func check(_ metric: [String: Any], in results: [OTLPMetricsResult]) throws {
        let name = try #require(metric["name"] as? String)
        let type = metric["type"] as? String
        let isDelta = metric["temporality"] as? String == "DELTA"
        for point in metric["data_points"] as? [[String: Any]] ?? [] {
            guard type == "sum" || type == "gauge", let value = point["value"] as? Double,
                let time = (point["time"] as? String).flatMap(Int64.init)
            else { continue }
            let found = results.contains { result in
                result.batch.times.indices.contains { index in
                    let series = result.batch.seriesIndexes[index]
                    return result.batch.times[index] == time / 1_000_000
                        && result.batch.values[index] == value
                        && (result.deltaSeries[series] != nil) == isDelta
                        && result.batch.labels(at: Int(series)).metricName.hasPrefix(
                            name.prefix { $0.isLetter || $0.isNumber })
                }
            }
            #expect(found, "\(name) = \(value) at \(time)")
        }
    }

    /// What comes compressed decodes the same however it is compressed (OTLP/HTTP).
    @Test(arguments: ContentEncoding.allCases)
    func everyEncoding(_ encoding: ContentEncoding) throws {
        for request in try TestData.otlpRequests("shop-http-protobuf-plain") {
            let packed = try #require(Compressor.compress(request.body, encoding: encoding))
            let plain = try Decompressor.decompress(
                packed, encoding: encoding, limit: request.body.count)
            #expect(plain == request.body)
        }
    }

    /// JSON goes through the protobuf reader; the recorded pairs show that nothing is lost on it.
    @Test func jsonAndProtobufAgree() throws {
        let json = try Replay("edge-traces-json").traces
        let protobuf = try Replay("edge-traces").traces
        #expect(json.map(\.rowCount) == protobuf.map(\.rowCount))
        #expect(
            Set(json.flatMap { $0.columns.map { "\($0.space) \($0.name) \($0.kind)" } })
                == Set(protobuf.flatMap { $0.columns.map { "\($0.space) \($0.name) \($0.kind)" } }))
    }
}
