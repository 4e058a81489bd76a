package import PerchModel
import PerchRegex

/// What one target says of its families.
package struct TargetDescriptions: Sendable {
    /// The target's labels.
    package var labels: LabelSet
    package var families: [MetricMetadata]
}

/// The descriptions that targets answer with, each set of them once: all targets of a job usually
/// have the same.
struct ScrapeDescriptions {
    private var byHash: [UInt64: [MetricMetadata]] = [:]

    subscript(hash: UInt64) -> [MetricMetadata] { byHash[hash] ?? [] }

    mutating func add(_ families: [MetricMetadata], _ hash: UInt64) {
        byHash[hash] = families
    }

    mutating func keep(_ hashes: Set<UInt64>) {
        byHash = byHash.filter { hashes.contains($0.key) }
    }
}

extension LabelMatcher {
    /// Whether the labels of a target fit; a pattern that cannot be compiled fits nothing.
    func fits(_ labels: Labels) -> Bool {
        guard operation == .matches || operation == .notMatches else { return matches(labels) }
        guard let regex = try? Regex(value) else { return false }
        return matches(labels) { regex.matchesFully($0) }
    }
}
