/// What is done to events at the door, as the configuration says it; nothing by default.
package struct EventPolicySettings: Sendable, Equatable {
    /// What is looked for in texts.
    package enum Detector: String, Sendable, CaseIterable {
        case email
        /// Numbers of payment cards, by their length and their check digit.
        case card
        /// Bearer tokens, JSON web tokens and keys of well-known services.
        case token
        /// Addresses of the internet protocol, both versions.
        case ip
    }

    /// What becomes of what was found.
    package enum Action: String, Sendable, CaseIterable {
        case mask
        /// A keyed hash, so that equal values stay equal.
        case hash
        case drop
    }

    /// How much is kept of the logs of a route.
    package struct RouteRule: Sendable, Equatable {
        /// The whole path, or its beginning when a star stands at the end.
        package var route: String
        /// How many of a million records are kept.
        package var keptPerMillion: Int

        package init(route: String, keptPerMillion: Int) {
            self.route = route
            self.keptPerMillion = keptPerMillion
        }

        /// Reads `/api/search 10%`, or a route alone, of which nothing is kept.
        package init?(_ text: String) {
            let parts = text.split(separator: " ")
            guard let route = parts.first, route.hasPrefix("/"), parts.count <= 2 else {
                return nil
            }
            self.init(route: String(route), keptPerMillion: 0)
            guard parts.count == 2 else { return }
            guard let kept = EventPolicySettings.millionths(String(parts[1])) else { return nil }
            keptPerMillion = kept
        }
    }

    package var detectors: Set<Detector> = []
    /// Names of fields whose values are taken out, also within texts.
    package var fields: [String] = []
    /// Regular expressions of what is taken out of texts.
    package var patterns: [String] = []
    package var action = Action.mask
    /// The key of ``Action/hash``.
    package var hashKey = ""
    package var routes: [RouteRule] = []
    /// How many of a million traces are kept that are neither slow nor rare and have no error; nil
    /// keeps all.
    package var tracesKeptPerMillion: Int?
    /// Nanoseconds of a span from which its trace is slow.
    package var slowTraceNanos: Int64 = 1_000_000_000
    /// The elements that are kept of an array or a map; nil keeps all.
    package var elementsMax: Int?
    /// The events that one service may send in a second; nil is any number.
    package var serviceEventsPerSecond: Int?

    package init() {}

    /// What is kept of complete traces; nil for all.
    package var tailSampling: TailSampling? {
        tracesKeptPerMillion.map {
            TailSampling(keptPerMillion: $0, slowNanos: slowTraceNanos)
        }
    }

    /// Reads a share such as `10%`, in millionths.
    package static func millionths(_ text: String) -> Int? {
        guard text.hasSuffix("%"), let percent = Double(text.dropLast()),
            percent >= 0, percent <= 100
        else { return nil }
        return Int((percent * 10_000).rounded())
    }
}
