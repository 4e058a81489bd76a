/// Which log lines are left out to save volume (SMP-5).
///
/// Errors, warnings and security events always stay (SEC-3). Metrics count before this.
public struct LogSampling: Sendable {
    /// Values of the field `path` or `route` whose lines are left out, such as `/health`.
    public var droppedRoutes: Set<String> = []
    /// The part of lines that stay, from 0 to 1, by the same field.
    public var keptRatioByRoute: [String: Double] = [:]
    /// The field that marks a security event, which always stays.
    public var securityField = "security_event"

    /// Makes the defaults.
    public init() {}

    var isOff: Bool { droppedRoutes.isEmpty && keptRatioByRoute.isEmpty }

    /// Whether a line stays; `roll` is a random number from 0 up to 1.
    func keeps(route: String?, isSecurity: Bool, roll: () -> Double) -> Bool {
        guard !isSecurity, let route else { return true }
        if droppedRoutes.contains(route) { return false }
        guard let ratio = keptRatioByRoute[route] else { return true }
        return roll() < ratio
    }
}
