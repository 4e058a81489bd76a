import Foundation
import NIOHPACK
import NIOHTTP1
import PerchIngest
import PerchModel
import PerchServer
import Testing

/// What perch.yml says of events at the door, on the whole way to what is kept.
@Suite struct AdmissionTests {
    private static func change(_ configuration: inout PerchConfiguration) {
        configuration.policy.detectors = [.email, .card]
        configuration.policy.fields = ["password"]
        configuration.policy.routes = [EventPolicySettings.RouteRule("/health")].compactMap { $0 }
        configuration.policy.elementsMax = 5
        configuration.policy.serviceEventsPerSecond = 100
    }

    /// Secrets are gone before anything is written, in logs of every door and in spans.
    @Test func nothingSecretReachesTheDisk() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: Self.change) {
            (running, address) async throws in
            let lines = #"""
                {"msg":"mail to anna@example.com","password":"hunter2","list":[1,2,3,4,5,6,7]}
                {"msg":"ok","http.route":"/health","level":"info"}
                {"msg":"card 4111 1111 1111 1111","http.route":"/health","level":"error"}
                """#
            let answer = try await HTTP.post("\(address)/ingest/json", Array(lines.utf8))
            #expect(answer.text.contains(#""accepted":3"#), "\(answer.text)")
            let push = #"""
                {"streams":[{"stream":{"app":"a"},"values":[["\#(Self.now)","to bob@example.com"]]}]}
                """#
            let pushed = try await HTTP.post(
                "\(address)/loki/api/v1/push", Array(push.utf8),
                headers: [("Content-Type", "application/json")])
            #expect(pushed.status == 204)
            let span = #"""
                {"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"s","startTimeUnixNano":"\#(Self.now)",
                "traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7",
                "attributes":[{"key":"q","value":{"stringValue":"from eve@example.com"}}],
                "events":[{"name":"e","attributes":[{"key":"m","value":{"stringValue":"zoe@example.com"}}]}]
                }]}]}]}
                """#
            let traced = try await HTTP.post(
                "\(address)/v1/traces", Array(span.utf8),
                headers: [("Content-Type", "application/json")])
            #expect(traced.status == 200, "\(traced.text)")
            let rows = try await HTTP.events(address, "logs") + HTTP.events(address, "spans")
            let all = String(
                decoding: try JSONSerialization.data(withJSONObject: rows), as: UTF8.self)
            #expect(rows.count == 4)
            for secret in ["anna@", "bob@", "eve@", "zoe@", "hunter2", "4111 1111"] {
                #expect(!all.contains(secret), "\(secret) is in \(all)")
            }
            #expect(all.contains("mail to [redacted]"))
            #expect(all.contains("… 2 more"))
            let metrics = try await HTTP.get("\(address)/metrics").text
            #expect(
                metrics.contains(
                    #"perch_refused_records_total{source="json_lines",reason="sampled"} 1"#))
        }
        // Neither the write log nor a segment has it.
        let files = FileManager.default.enumerator(atPath: data.path)?.compactMap { $0 as? String }
        for file in files ?? [] {
            guard let bytes = FileManager.default.contents(atPath: "\(data.path)/\(file)") else {
                continue
            }
            for secret in ["anna@example", "hunter2", "zoe@example"] {
                #expect(bytes.firstRange(of: Array(secret.utf8)) == nil, "\(secret) in \(file)")
            }
        }
    }

    /// A service that sends too much is told to come back, in the words of each door.
    @Test func aLoudServiceIsAskedToWait() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path, change: Self.change) {
            (running, address) async throws in
            let many = Array(
                repeating: #"{"msg":"m","service":"loud"}"#, count: 20_000
            ).joined(separator: "\n")
            let body = Array(many.utf8)
            #expect(try await HTTP.post("\(address)/ingest/json", body).status == 200)
            let refused = try await HTTP.post("\(address)/ingest/json", body)
            #expect(refused.status == 429)
            #expect(refused.headers.first(name: "Retry-After") != nil)
            #expect(refused.text.contains("loud"))
            let quiet = Array(#"{"msg":"m","service":"quiet"}"#.utf8)
            #expect(try await HTTP.post("\(address)/ingest/json", quiet).status == 200)
        }
    }

    /// The same at every other door, in the words of its protocol; nothing is kept, and counted it is.
    @Test func everyDoorAsksALoudServiceToWait() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path,
            change: {
                Self.change(&$0)
                $0.otlpGRPC = ListenAddress(host: "127.0.0.1", port: 0)
            }
        ) { (running, address) async throws in
            let line = #"{"msg":"m","service":"loud"}"#
            let many = Array(repeating: line, count: 2_000).joined(separator: "\n")
            #expect(try await HTTP.post("\(address)/ingest/json", Array(many.utf8)).status == 200)
            let sender =
                #""resource":{"attributes":[{"key":"service.name","value":{"stringValue":"loud"}}]}"#
            let json = ("Content-Type", "application/json")
            let requests: [(path: String, body: String)] = [
                ("/v1/logs", #"{"resourceLogs":[{\#(sender),"scopeLogs":[{"logRecords":[{}]}]}]}"#),
                (
                    "/v1/traces",
                    #"{"resourceSpans":[{\#(sender),"scopeSpans":[{"spans":[{"name":"s","#
                        + #""startTimeUnixNano":"\#(Self.now)","spanId":"00f067aa0ba902b7","#
                        + #""traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}]}]}]}"#
                ),
                (
                    "/loki/api/v1/push",
                    #"{"streams":[{"stream":{"service":"loud"},"values":[["\#(Self.now)","m"]]}]}"#
                ),
                ("/_bulk", "{\"create\":{}}\n\(line)\n"), ("/ingest/json", line),
            ]
            for request in requests {
                let answer = try await HTTP.post(
                    address + request.path, Array(request.body.utf8), headers: [json])
                #expect(answer.status == 429, "\(request.path): \(answer.text)")
                #expect(answer.headers.first(name: "Retry-After") != nil)
                #expect(answer.text.contains("loud"))
            }
            let client = try await GRPCClient.connect(port: try #require(running.grpcAddress?.port))
            let answer = try await client.call(
                "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
                [GRPCClient.framed(Self.loudRecord)])
            #expect(answer.status == 8, "\(answer.headers)")
            #expect(answer.headers.first(name: "grpc-status-details-bin") != nil)
            await client.close()
            #expect(try await HTTP.events(address, "logs").count == 2_000)
            #expect(try await HTTP.events(address, "spans").isEmpty)
            let metrics = try await HTTP.get("\(address)/metrics").text
            for (source, count) in [
                ("otlp_logs", 2), ("otlp_traces", 1), ("loki", 1), ("bulk", 1), ("json_lines", 1),
            ] {
                let text = #"source="\#(source)",reason="service_limit"} \#(count)"#
                #expect(metrics.contains(text + "\n"), "\(text)")
            }
        }
    }

    /// A log record of the service in OTLP's protobuf.
    private static let loudRecord: [UInt8] = {
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            [number << 3 | 2, UInt8(bytes.count)] + bytes
        }
        let name = field(1, Array("service.name".utf8)) + field(2, field(1, Array("loud".utf8)))
        let record = field(2, field(5, field(1, Array("m".utf8))))
        return field(1, field(1, field(1, name)) + field(2, record))
    }()

    private static var now: Int64 { Int64(Date().timeIntervalSince1970) * 1_000_000_000 }
}
