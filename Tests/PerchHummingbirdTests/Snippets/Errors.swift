import Logging
import Perch
import ServiceLifecycle
import UnixSignals

private struct Order: Sendable {
    var id = "A7"
}

private struct Shop: Sendable {
    var id = "nord"
}

private func charge(_ order: Order) async throws {}
private func handle(_ order: Order) async throws {}

private func snippetCapture(order: Order) async throws {
    // begin
    do {
        try await charge(order)
    } catch {
        Perch.capture(error)
        throw error
    }
    Perch.capture(message: "stock is low", level: .warning)
    // end
}

private func snippetScope(request: Order, shop: Shop, basket: [Order]) async throws {
    // begin
    try await Perch.withScope { scope in
        scope.user = shop.id
        scope.tags["plan"] = "gold"
        scope.extras["basket"] = ["count": .stringConvertible(basket.count)]
    } _: {
        try await handle(request)
    }
    // end
}

private func snippetEnd(perch: PerchService, server: any Service, log: Logger) async throws {
    // begin
    let group = ServiceGroup(
        services: [perch, server], gracefulShutdownSignals: [.sigterm], logger: log)
    try await Perch.reportingErrors { try await group.run() }
    // end
}
