@testable import Perch

/// A service that sends to a collector of the test.
protocol Exporting {}

extension Exporting {
    func service(
        _ address: String, _ lines: Lines = Lines(),
        _ configure: (inout PerchOptions) -> Void = { _ in }
    ) -> PerchService {
        var options = PerchOptions()
        options.service = "shop"
        options.export = ExportOptions(endpoint: address)
        options.export.flushTimeout = .seconds(20)
        configure(&options)
        return PerchService(options, clock: { fixedTime }, write: lines.write)
    }

    /// Runs a service until the body is over, and then lets it send what is left.
    func run(_ service: PerchService, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            try await body()
            group.cancelAll()
        }
    }
}
