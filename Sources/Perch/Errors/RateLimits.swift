/// Until when a server wants to hear nothing of a kind.
///
/// Source: Sentry's developer documentation, "Rate limiting".
struct RateLimits: Sendable {
    /// Nanoseconds since 1970, by category; the empty one stands for all.
    private var ends: [String: Int64] = [:]

    /// Takes what an answer says.
    mutating func take(status: UInt, limits: String?, retryAfter: String?, time: Int64) {
        guard let limits else {
            guard status == 429 else { return }
            // The protocol's own rest where the server names none.
            rest(retryAfter.flatMap { Double(Self.trimmed($0)) } ?? 60, of: "", from: time)
            return
        }
        for limit in limits.split(separator: ",") {
            let parts = limit.split(separator: ":", omittingEmptySubsequences: false)
            guard let first = parts.first, let seconds = Double(Self.trimmed(first)) else {
                continue
            }
            let categories = parts.count > 1 ? Self.trimmed(parts[1]) : ""
            if categories.isEmpty {
                rest(seconds, of: "", from: time)
            } else {
                for category in categories.split(separator: ";") {
                    rest(seconds, of: String(category), from: time)
                }
            }
        }
    }

    /// Whether a category may be sent.
    func allows(_ category: String?, time: Int64) -> Bool {
        guard let category else { return true }
        return (ends[category] ?? .min) <= time && (ends[""] ?? .min) <= time
    }

    private mutating func rest(_ seconds: Double, of category: String, from time: Int64) {
        guard seconds > 0, ends.count < 64 || ends[category] != nil else { return }
        let most = ErrorLimits.restMax.nanoseconds
        let wait = seconds * 1e9 < Double(most) ? Int64(seconds * 1e9) : most
        ends[category] = max(ends[category] ?? .min, time &+ wait)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        String(String(text).filter { !$0.isWhitespace })
    }
}
