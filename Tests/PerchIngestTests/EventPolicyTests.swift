import PerchModel
import Testing

@testable import PerchIngest

/// Sampling, trimming and limits of services.
@Suite struct EventPolicyTests {
    private static func batch(
        _ rows: [(route: String, severity: Int64, extra: [String: FieldValue])],
        service: String = "api"
    ) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(
            Resource([.init(key: "service.name", value: .string(service))]))
        for row in rows {
            builder.beginRow(timeNanos: 1, resource: resource)
            builder.set(.attribute, "http.route", .string(row.route))
            builder.set(.record, "severity_number", .int(row.severity))
            for (name, value) in row.extra { builder.set(.attribute, name, value) }
        }
        return builder.batch
    }

    private static func policy(_ change: (inout EventPolicySettings) -> Void) throws -> EventPolicy
    {
        var settings = EventPolicySettings()
        change(&settings)
        return try EventPolicy(settings)
    }

    /// Counts by level stay exact by the weight of what is kept (SMP-5).
    @Test func sampledRowsAreStoodFor() throws {
        let policy = try Self.policy {
            $0.routes = [
                .init(route: "/search", keptPerMillion: 100_000),
                .init(route: "/third/*", keptPerMillion: 333_333),
            ]
        }
        var (kept, weight, third) = (0, Int64(0), Int64(0))
        for _ in 0..<10 {
            var batch = Self.batch(
                (0..<100).map { _ in ("/search?q=1", 9, [:]) }
                    + (0..<30).map { _ in ("/third/x", 9, [:]) }
                    + (0..<5).map { _ in ("/search", 17, [:]) } + [("/other", 9, [:])])
            let before = batch.rowCount
            let sampled = try policy.apply(&batch, nowNanos: 1)
            #expect(batch.rowCount + sampled == before)
            for row in 0..<batch.rowCount {
                let route = batch.value(of: FieldReference("http.route"), row: row)?.text
                let level = batch.value(of: FieldReference("severity_number"), row: row)
                if route == "/search?q=1" {
                    kept += 1
                    weight += batch.weight(ofRow: row)
                } else if route == "/third/x" {
                    third += batch.weight(ofRow: row)
                } else {
                    #expect(batch.weight(ofRow: row) == 1)
                    #expect(level == .int(17) || route == "/other")
                }
            }
        }
        #expect(kept == 100)
        // Those after the last that was kept wait for the next.
        #expect((991...1_000).contains(weight))
        #expect((297...300).contains(third))
    }

    /// Nothing of a health check is kept, but errors and security events always are.
    @Test func whatIsNeverLeftOut() throws {
        let policy = try Self.policy { $0.routes = [.init(route: "/health", keptPerMillion: 0)] }
        var batch = Self.batch([
            ("/health", 9, [:]), ("/health", 17, [:]),
            ("/health", 9, ["http.status_code": .int(503)]),
            ("/health", 9, ["security": .bool(true)]),
            ("/health", 9, ["logger": .string("app.Audit")]),
            ("/health", 9, ["exception.type": .string("E")]), ("/healthy", 9, [:]),
        ])
        #expect(try policy.apply(&batch, nowNanos: 1) == 1)
        #expect(batch.rowCount == 6)
        #expect(batch.weights == nil)
    }

    @Test(arguments: [
        ("/a 10%", 100_000), ("/a", 0), ("/a* 0.5%", 5_000), ("/a 100%", 1_000_000),
        ("a 10%", nil), ("/a 101%", nil), ("/a -1%", nil), ("/a 10", nil), ("/a 1% b", nil),
        ("", nil),
    ])
    func rulesAreRead(_ text: String, _ kept: Int?) {
        #expect(EventPolicySettings.RouteRule(text)?.keptPerMillion == kept)
    }

    /// The first elements of arrays and maps, and how many more there were (LOG-20).
    @Test func largeValuesAreTrimmed() throws {
        let policy = try Self.policy { $0.elementsMax = 2 }
        for (text, expected) in [
            ("[1,2,3,4]", #"[1,2,"… 2 more"]"#), ("[1,2]", "[1,2]"), ("{}", "{}"),
            (#"{"a":[1,2,3],"b":1,"c":2}"#, #"{"a":[1,2,"… 1 more"],"b":1,"…":"1 more"}"#),
        ] {
            var batch = RedactionTests.batch([text], kind: .json)
            _ = try policy.apply(&batch, nowNanos: 1)
            #expect(batch.value(of: FieldReference("body"), row: 0) == .json(expected))
        }
    }

    /// A service over its limit is asked to come back; others are not, and time gives room again.
    @Test func servicesAreLimited() throws {
        let policy = try Self.policy { $0.serviceEventsPerSecond = 10 }
        let rows = (0..<150).map { _ in
            (route: "/", severity: Int64(9), extra: [String: FieldValue]())
        }
        var (batch, other) = (Self.batch(rows), Self.batch(rows, service: "other"))
        // More than ten seconds' worth at once is paid for afterwards.
        _ = try policy.apply(&batch, nowNanos: 0)
        let refusal = #expect(throws: Refusal.self) {
            try policy.apply(&batch, nowNanos: 1_000_000_000)
        }
        #expect(refusal?.status == 429)
        #expect(refusal?.reason == .serviceLimit)
        #expect(refusal?.message.contains("\"api\"") == true)
        _ = try policy.apply(&other, nowNanos: 1_000_000_000)
        _ = try policy.apply(&batch, nowNanos: 7_000_000_000)
    }

    @Test func withoutSettingsNothingChanges() throws {
        let rows = (0..<3).map {
            (route: "/\($0)", severity: Int64(9), extra: [String: FieldValue]())
        }
        var batch = Self.batch(rows)
        let before = batch
        #expect(try EventPolicy.none.apply(&batch, nowNanos: 1) == 0)
        #expect(try EventPolicy(EventPolicySettings()).apply(&batch, nowNanos: 1) == 0)
        #expect(batch == before)
    }
}
