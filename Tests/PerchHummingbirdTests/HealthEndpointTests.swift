import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import Perch
@testable import PerchHummingbird

/// Health, metrics and jobs over HTTP, and who may see what (HLT-1 to HLT-11, HLT-14, SEC-2).
struct HealthEndpointTests {
    private struct Down: Error, CustomStringConvertible { var description: String { "no route" } }

    /// A context that knows who asks, as behind a proxy that is trusted.
    private struct Context: RequestContext, RemoteAddressRequestContext {
        var coreContext: CoreRequestContextStorage
        let remoteAddress: SocketAddress?

        init(source: ApplicationRequestContextSource) {
            coreContext = .init(source: source)
            remoteAddress = try? SocketAddress(ipAddress: "10.1.2.3", port: 4711)
        }
    }

    private func perch(_ configure: (inout PerchOptions) -> Void = { _ in }) -> PerchService {
        var options = PerchOptions()
        configure(&options)
        return PerchService(options, clock: { 1_769_903_999_123_000_000 }, write: { _ in })
    }

    private func json(_ response: TestResponse) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        return try #require(value as? [String: Any])
    }

    @Test(
        "HLT-1, HLT-2, HLT-3, HLT-4, HLT-5, HLT-6, HLT-7: an address a kind, figures for those who may"
    )
    func kinds() async throws {
        let perch = perch()
        perch.health.add(
            HealthCheck("db") { ["pool_active": .number(3), "pool_max": .number(10)] })
        perch.health.add(HealthCheck("redis") { ["hit_rate": .number(0.9)] })
        perch.health.add(HealthCheck("external", isCritical: false) { throw Down() })
        perch.health.add(.memory(byteCountMax: 1 << 40))
        perch.health.add(HealthCheck("schema", kinds: [.startup]) { throw Down() })
        let router = Router()
        router.addHealth(perch.health, access: .token("s3cret"))
        try await Application(router: router).test(.router) { client in
            for (path, status) in [
                ("/health", 200), ("/health/live", 200), ("/health/ready", 200),
                ("/health/startup", 503), ("/healthz", 200), ("/readyz", 200), ("/ready", 200),
            ] {
                try await client.execute(uri: path, method: .get) { response in
                    #expect(response.status.code == status, "\(path)")
                    #expect(!String(buffer: response.body).contains("no route"))
                }
            }
            let token: HTTPFields = [.authorization: "Bearer s3cret"]
            for (path, field) in [("/health/db", "pool_active"), ("/health/redis", "hit_rate")] {
                try await client.execute(uri: path, method: .get) { response in
                    #expect(response.status == .unauthorized)
                }
                try await client.execute(uri: path, method: .get, headers: token) { response in
                    #expect(String(buffer: response.body).contains("\"\(field)\":"))
                }
            }
            try await client.execute(
                uri: "/health/external", method: .get, headers: token
            ) { response in
                #expect(response.status == .serviceUnavailable)
                #expect(String(buffer: response.body).contains("no route"))
            }
            try await client.execute(uri: "/health/live", method: .get) { response in
                let checks = try json(response)["checks"] as? [String: Any]
                #expect(checks?["memory"] != nil)
            }
        }
    }

    @Test("HLT-11: a worker tells its status, its queues and how long it runs")
    func worker() async throws {
        let perch = perch()
        perch.jobs.watch(queue: "images") {
            QueueCounts(waiting: 3, active: 1, completed: 9, failed: 2)
        }
        perch.jobs.watch(queue: "mail") {
            QueueCounts(waiting: 1, active: 0, completed: 5, failed: 0)
        }
        await perch.jobs.sampleQueues()
        let router = Router()
        router.addWorkerHealth(of: perch)
        try await Application(router: router).test(.router) { client in
            try await client.execute(uri: "/health", method: .get) { response in
                #expect(
                    String(buffer: response.body)
                        == #"{"status":"ok","queue":{"waiting":4,"active":1,"failed":2},"uptime":0}"#
                )
            }
            perch.health.add(HealthCheck("stuck", kinds: [.live]) { throw Down() })
            try await client.execute(uri: "/health", method: .get) { response in
                #expect(response.status == .serviceUnavailable)
                let status = try json(response)["status"] as? String
                #expect(status == "unhealthy")
            }
        }
    }

    @Test(
        "HLT-14, SEC-2, MET-7: endpoints open by address, network, or one of several ways",
        arguments: [
            (EndpointAccess.addresses(["10.0.0.0/8"]), 200),
            (.addresses(["192.168.0.0/16", "10.1.2.3"]), 200), (.addresses(["10.1.2.4"]), 403),
            (.addresses(["10.1.2.3/x", "bad", "::/0"]), 403), (.addresses([]), 403),
            (.anyOf([.addresses(["10.1.2.4"]), .token("t")]), 401),
            (.anyOf([.addresses(["10.1.0.0/16"]), .token("t")]), 200), (.token(""), 401),
            (.basic(user: "u", password: "p"), 401), (.open, 200),
        ])
    func access(_ access: EndpointAccess, _ status: Int) async throws {
        let perch = perch()
        let router = Router(context: Context.self)
        router.addMetrics(of: perch, access: access)
        router.addJobs(of: perch, access: access)
        try await Application(router: router).test(.router) { client in
            for path in ["/metrics", "/jobs/status"] {
                try await client.execute(uri: path, method: .get) { response in
                    #expect(response.status.code == status)
                    #expect((response.headers[.wwwAuthenticate] != nil) == (status == 401))
                }
            }
        }
    }

    @Test("HLT-14: where the router does not know the address, nobody may")
    func unknownAddress() async throws {
        let router = Router()
        router.addMetrics(of: perch(), access: .addresses(["0.0.0.0/0", "::/0"]))
        try await Application(router: router).test(.router) { client in
            try await client.execute(uri: "/metrics", method: .get) { response in
                #expect(response.status == .forbidden)
            }
        }
    }

    @Test(
        "Networks hold the addresses that begin alike",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.128/25", "10.0.0.127", false), ("0.0.0.0/0", "1.2.3.4", true),
            ("fd00::/8", "fd12::1", true), ("::1", "0:0:0:0:0:0:0:1", true),
            ("10.0.0.1", "::ffff:10.0.0.1", true), ("2001:db8::/33", "2001:db8:8000::", false),
            ("fe80::1", "fe80::1%eth0", true), ("10.0.0.0/8", "::a00:1", false),
        ])
    func networks(_ network: String, _ address: String, _ isInside: Bool) throws {
        let range = try #require(NetworkRange(network))
        let known = try #require(NetworkAddress(address))
        #expect(range.contains(known) == isInside)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.4/33", "::/129", ":::", "1::2::3", "12345::",
        "1:2:3:4:5:6:7:8:9", "g::", "1.2.3.4/", "1.2.3.4/8/8", "01.2.3.0004", "1:2:3:4:5:6:7",
    ])
    func noNetwork(_ text: String) {
        #expect(NetworkRange(text) == nil)
    }

    @Test("CM-12: readiness is measured, in milliseconds where the application wants that")
    func readiness() async throws {
        for (unit, name) in [
            (DurationUnit.seconds, "api_ready_seconds"), (.milliseconds, "api_ready_ms"),
        ] {
            let perch = perch { $0.metrics.durationUnit = unit }
            let router = Router()
            router.addHealth(perch.health, access: .open)
            router.addMetrics(of: perch, access: .open)
            try await Application(router: router).test(.router) { client in
                try await client.execute(uri: "/ready", method: .get) { _ in }
                try await client.execute(uri: "/metrics", method: .get) { response in
                    let text = String(buffer: response.body)
                    #expect(text.contains("\(name)_count 1\n"))
                    #expect(text.contains("\(name)_bucket{le="))
                }
            }
        }
    }
}
