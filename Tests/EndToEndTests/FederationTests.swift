import Foundation
import NIOHTTP1
import Testing

/// Remote write 2.0 in, and `/federate` out.
@Suite struct FederationTests {
    private static var python: String {
        ProcessInfo.processInfo.environment["PERCH_TEST_PYTHON"]
            ?? Repository.root.appending(path: ".venv-tests/bin/python3").path()
    }

    /// MET-6: a sender of the newer protocol, and the counts that it must be told.
    @Test func remoteWrite2Arrives() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let now = Int(Date().timeIntervalSince1970)
        let script = Repository.root
            .appending(path: "Tests/EndToEndTests/Scripts/remote_write2.py").path()
        let sent = try PeerProcess.run(Self.python, [script, server.address, "\(now)"])
        #expect(
            sent.output == """
                204 2 1 1
                204 2 1 1
                400 1 0 0
                400 0 0 0
                415 - - -

                """)
        for (path, finds) in [
            ("query?query=till_sales_total&time=\(now)", ",\"5\"]"),
            ("query?query=histogram_count(till_wait_seconds)&time=\(now)", ",\"5\"]"),
            ("query?query=till_open&time=\(now)", ",\"1\"]"),
            ("metadata?metric=till_wait_seconds", "\"unit\":\"seconds\",\"help\":\"Waiting.\""),
            ("query_exemplars?query=till_sales_total", "\"trace_id\":\"abc\""),
        ] {
            let answer = try await HTTP.get("\(server.address)/api/v1/\(path)")
            #expect(answer.text.contains(finds), "\(path): \(answer.text)")
        }
    }

    /// MET-13: another Prometheus scrapes what is here.
    @Test func theNewestSamplesAreFederated() async throws {
        let folder = try TemporaryFolder()
        let server = try await PerchProcess.start(dataPath: folder.path)
        defer { server.kill() }
        let now = Int(Date().timeIntervalSince1970) * 1_000
        let text = """
            tills{shop="b",instance="i"} 1 \(now - 20_000)
            tills{shop="b",instance="i"} 2 \(now - 10_001)
            tills{shop="a"} NaN \(now - 10_000)
            old 1 \(now - 400_000)
            ended 1 \(now - 20_000)
            ended StaleNaN \(now - 10_000)
            {"till.open"} 3 \(now - 10_000)

            """
        let sent = try await HTTP.post(
            server.address + "/api/v1/import/prometheus", Array(text.utf8),
            headers: [("Content-Type", "text/plain")])
        #expect(sent.status == 204, "\(sent.text)")
        let address =
            server.address
            + "/federate?match%5B%5D=tills&match%5B%5D=%7B__name__%3D~%22.%2B%22%7D"
        let plain = try await HTTP.get(address)
        #expect(
            plain.text == """
                # TYPE till_open untyped
                till_open{instance=""} 3 \(now - 10_000)
                # TYPE tills untyped
                tills{instance="",shop="a"} NaN \(now - 10_000)
                tills{instance="i",shop="b"} 2 \(now - 10_001)

                """)
        #expect(
            plain.headers.first(name: "Content-Type")
                == "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")
        let metrics = try await HTTP.get(
            address,
            headers: [("Accept", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8")]
        )
        #expect(metrics.text.contains("{\"till.open\",instance=\"\"} 3 "), "\(metrics.text)")
        #expect(metrics.text.hasSuffix("# EOF\n"))
        #expect(
            metrics.headers.first(name: "Content-Type")?
                .hasPrefix("application/openmetrics-text; version=1.0.0") == true)
        #expect(try await HTTP.get(server.address + "/federate").text.isEmpty)
        #expect(try await HTTP.get(server.address + "/federate?match%5B%5D=a%7B").status == 400)
    }
}
