// What the pages of docs/sdk show, compiled. A test compares: each block of a page stands here,
// between `// begin` and `// end`.

// begin
import Hummingbird
import Logging
import Perch
import PerchHummingbird
import ServiceLifecycle
import UnixSignals

func runShop() async throws {
    let perch = try Perch.bootstrap()

    let router = Router()
    router.observe(with: perch)
    router.addHealth(perch.health, access: .open)
    router.addMetrics(of: perch, access: .token("a secret"))
    router.get("/hello") { _, _ in
        Logger(label: "hello").info("somebody says hello")
        return "hello"
    }

    let app = Application(router: router)
    let group = ServiceGroup(
        services: [perch, app], gracefulShutdownSignals: [.sigterm, .sigint],
        logger: Logger(label: "shop"))
    try await group.run()
}
// end
