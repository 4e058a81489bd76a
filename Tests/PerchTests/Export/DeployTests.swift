import NIOHTTP1
import PerchModel
import Synchronization
import Testing

@testable import Perch

/// A service tells Perch which version began to run (RUN-4).
struct DeployTests: Exporting {
    private func told(
        _ collector: Collector, path: String = "", _ configure: (inout PerchOptions) -> Void
    ) async throws -> [Collector.Received] {
        try await collector.serve { address in
            let service = service(address + path) { options in
                options.version = "1.5.0"
                options.export.metricInterval = .seconds(60)
                options.export.tellsDeploys = true
                configure(&options)
            }
            try await run(service) {
                for _ in 0..<100 where collector.received.isEmpty {
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
        }
        return collector.received.filter { $0.path == "/api/v1/deploys" }
    }

    @Test(
        "RUN-4: once, with the version, the environment and the credentials",
        arguments: ["", "/otlp"])
    func once(_ path: String) async throws {
        let told = try await told(Collector(), path: path) { options in
            options.environment = "prod"
            options.export.deployLink = "https://ci.example/17"
            options.export.headers = [("authorization", "Bearer k")]
        }
        #expect(told.count == 1)
        let request = try #require(told.first)
        #expect(request.headers.first(name: "authorization") == "Bearer k")
        let body = try #require(JSONValue(String(decoding: request.body, as: UTF8.self)))
        #expect(body["service"]?.text == "shop")
        #expect(body["version"]?.text == "1.5.0")
        #expect(body["environment"]?.text == "prod")
        #expect(body["link"]?.text == "https://ci.example/17")
        #expect(body["time"]?.text == "\(fixedTime)")
    }

    @Test("One that knows no such address is asked once; one that is busy is asked again")
    func answers() async throws {
        let unknown = Collector([.notFound])
        #expect(try await told(unknown) { _ in }.count == 1)
        let busy = Collector([.serviceUnavailable])
        try await busy.serve { address in
            let service = service(address) {
                $0.version = "1"
                $0.export.tellsDeploys = true
            }
            try await run(service) {
                for _ in 0..<300 where busy.received.count < 2 {
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
        }
        #expect(busy.received.filter { $0.path == "/api/v1/deploys" }.count == 2)
    }

    @Test("Nothing is told unless it is wished, and without a version")
    func unasked() {
        var options = PerchOptions()
        options.export = ExportOptions(endpoint: "http://c")
        options.version = "1"
        #expect(DeployMarker(options, time: 0) == nil)
        options.export.tellsDeploys = true
        #expect(DeployMarker(options, time: 0)?.address == "http://c/api/v1/deploys")
        options.version = nil
        #expect(DeployMarker(options, time: 0) == nil)
    }
}
