import PerchModel
import Testing

@testable import PerchWeb

@Suite("Versions that are first heard of in errors") struct ErrorVersionTests {
    private static let second = Fixture.second

    private static func event(
        _ builder: inout EventBatchBuilder, _ service: String, _ version: String, level: Int64,
        secondsAgo: Int64
    ) {
        let resource = builder.intern(
            Resource([
                .init(key: "service.name", value: .string(service)),
                .init(key: "service.version", value: .string(version)),
            ]))
        builder.beginRow(timeNanos: Fixture.now - secondsAgo * second, resource: resource)
        builder.set(.record, "severity_number", .int(level))
        builder.set(.record, "body", .string("broken"))
    }

    @Test("RUN-4: one that follows another is a deploy once, from its first record on")
    func notes() async throws {
        var builder = EventBatchBuilder(dataset: .logs)
        for ago: Int64 in [60, 31, 4] {
            Self.event(&builder, "till", "2.0", level: 17, secondsAgo: ago)
            Self.event(&builder, "till", "1.9", level: 17, secondsAgo: ago)
            // Nobody knows since when it runs.
            Self.event(&builder, "alone", "5", level: 17, secondsAgo: ago)
        }
        Self.event(&builder, "till", "1.9", level: 9, secondsAgo: 7_200)
        Self.event(&builder, "till", "2.0", level: 9, secondsAgo: 90)
        Self.event(&builder, "told", "3.0", level: 9, secondsAgo: 2_000)
        Self.event(&builder, "told", "3.1", level: 21, secondsAgo: 20)
        Self.event(&builder, "well", "7.0", level: 9, secondsAgo: 20)
        Self.event(&builder, "long ago", "1.0", level: 17, secondsAgo: 600)
        let pages = MemoryPages(deploys: [
            Deploy(
                timeNanos: Fixture.now - 1_000 * Self.second, service: "told", version: "3.1",
                environment: "production")
        ])
        let versions = ErrorVersions(events: MemoryEvents(batches: [builder.batch]), deploys: pages)
        let noted = try await versions.note(now: Fixture.now)
        #expect(noted.map(\.service) == ["till"])
        #expect(noted.first?.version == "2.0")
        #expect(noted.first?.timeNanos == Fixture.now - 90 * Self.second)
        #expect(try await versions.note(now: Fixture.now + 10 * Self.second).isEmpty)
    }
}
