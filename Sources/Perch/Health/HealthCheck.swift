/// One thing that must work for the process to work (HLT-2 … HLT-10).
public struct HealthCheck: Sendable {
    /// What a check is asked for.
    public enum Kind: String, Sendable, CaseIterable {
        /// Whether the process should be restarted.
        case live
        /// Whether it should get requests.
        case ready
        /// Whether it has started.
        case startup
    }

    /// What a check found besides that all is well: figures for people (HLT-5, HLT-6).
    public typealias Details = [String: HealthDetail]

    /// The name in answers, such as `database`.
    public var name: String
    /// What it counts for.
    public var kinds: Set<Kind>
    /// Whether its failure makes the whole unhealthy; else it is shown only.
    public var isCritical: Bool
    /// How long it may take; longer is a failure.
    public var timeout: Duration
    /// How long an answer is given again without looking; zero for none (HLT-8).
    public var cachedFor: Duration
    /// Throws when something does not work.
    public var run: @Sendable () async throws -> Details

    /// Makes a check; see the properties.
    public init(
        _ name: String, kinds: Set<Kind> = [.ready], isCritical: Bool = true,
        timeout: Duration = .seconds(2), cachedFor: Duration = .zero,
        run: @escaping @Sendable () async throws -> Details
    ) {
        self.name = name
        self.kinds = kinds
        self.isCritical = isCritical
        self.timeout = timeout
        self.cachedFor = cachedFor
        self.run = run
    }
}

/// A figure or word that a check shows.
public enum HealthDetail: Sendable, Hashable {
    case text(String)
    case number(Double)
    case flag(Bool)
}

/// Why a check failed, in words for operators.
public struct HealthFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public var description: String

    /// Makes a failure.
    public init(_ description: String) {
        self.description = description
    }
}
