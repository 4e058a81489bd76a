/// What one visitor is going to do, decided before the visit begins.
///
/// A visit is drawn from the seed alone, so that the same seed makes the same visits, whatever the
/// shop answers.
struct Visit: Sendable {
    /// Requests of an average visit; the generator turns a request rate into a visit rate with it.
    static let requestsMean = 5.5

    enum Step: Sendable {
        case login(user: String, isRight: Bool)
        case signUp(user: String)
        case list(category: String?)
        case listByOldApp
        case sendPhoto(product: Int)
        case view(product: Int)
        case fillCart(items: [(product: Int, quantity: Int)])
        case checkout(method: String)
        case followOrder
        case strayPath(String)
    }

    let shopID: String
    let agent: String
    let region: String
    let clientAddress: String
    let steps: [(pause: Duration, step: Step)]

    private static let shops: [(String, Double)] = [
        ("nord", 5), ("sued", 3), ("west", 2), ("outlet", 1),
    ]
    private static let agents: [(String, Double)] = [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1", 5),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0", 3),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/139.0.0.0", 2),
    ]
    private static let regions: [(String, Double)] = [("de", 6), ("at", 2), ("ch", 1), ("fr", 1)]
    private static let methods: [(String, Double)] = [
        ("card", 6), ("wallet", 3), ("transfer", 1),
    ]
    private static let categories = ["kitchen", "clothing", "home", "office", "outdoor"]
    private static let strayPaths = ["/wp-login.php", "/.env", "/favicon.ico"]

    init(random: inout SeededRandom) {
        shopID = random.pick(Self.shops) ?? "nord"
        region = random.pick(Self.regions) ?? "de"
        clientAddress = "203.0.113.\(Int.random(in: 1...254, using: &random))"
        guard !random.chance(0.03) else {
            agent = "scanner/1.0"
            steps = [(.zero, .strayPath(Self.strayPaths.randomElement(using: &random) ?? "/"))]
            return
        }
        agent = random.pick(Self.agents) ?? ""
        var steps: [(pause: Duration, step: Step)] = []
        func think() -> Duration { random.milliseconds(150...1_500) }

        let category = random.chance(0.4) ? Self.categories.randomElement(using: &random) : nil
        steps.append((.zero, random.chance(0.06) ? .listByOldApp : .list(category: category)))
        if random.chance(0.3) {
            let user = "user\(Int.random(in: 1...400, using: &random))"
            if random.chance(0.1) { steps.append((think(), .signUp(user: user))) }
            // One in twelve mistypes the password at first.
            if random.chance(0.08) { steps.append((think(), .login(user: user, isRight: false))) }
            steps.append((think(), .login(user: user, isRight: true)))
        }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            // One look in fifty is at a product that is gone.
            let gone = random.chance(0.02)
            let product = Int.random(in: 1...Catalogue.productCount, using: &random)
            steps.append((think(), .view(product: gone ? product + 900 : product)))
        }
        if random.chance(0.1) {
            let product = Int.random(in: 1...Catalogue.productCount, using: &random)
            steps.append((think(), .sendPhoto(product: product)))
        }
        if random.chance(0.5) {
            let items = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                (
                    product: Int.random(in: 1...Catalogue.productCount, using: &random),
                    quantity: Int.random(in: 1...2, using: &random)
                )
            }
            steps.append((think(), .fillCart(items: items)))
            if random.chance(0.8) {
                steps.append((think(), .checkout(method: random.pick(Self.methods) ?? "card")))
                for _ in 0..<Int.random(in: 0...2, using: &random) {
                    steps.append((think(), .followOrder))
                }
            }
        }
        self.steps = steps
    }
}
