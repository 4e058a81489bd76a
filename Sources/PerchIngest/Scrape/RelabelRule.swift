import PerchRegex

/// What is wrong with a relabeling rule, in Prometheus' words.
package struct RelabelMistake: Error, Sendable, Equatable {
    package var message: String
}

/// One rule of `relabel_configs` or `metric_relabel_configs`.
///
/// Source: prometheus.io/docs/prometheus/latest/configuration, "relabel_config"; Prometheus 3,
/// `model/relabel`.
package struct RelabelRule: Sendable {
    package enum Action: String, Sendable, CaseIterable {
        case replace
        case keep
        case drop
        case keepequal
        case dropequal
        case hashmod
        case labelmap
        case labeldrop
        case labelkeep
        case lowercase
        case uppercase
    }

    /// A rule as it is written: nil for what is left out.
    package struct Source: Sendable {
        package var action: String?
        package var sourceLabels: [String]?
        package var separator: String?
        package var regex: String?
        package var modulus: UInt64?
        package var targetLabel: String?
        package var replacement: String?

        package init() {}
    }

    package let action: Action
    private let sourceLabels: [String]
    private let separator: String
    private let regex: Regex
    private let modulus: UInt64
    private let targetLabel: String
    private let target: RegexTemplate
    private let replacement: RegexTemplate

    package init(_ source: Source) throws(RelabelMistake) {
        let name = (source.action ?? "replace").lowercased()
        guard let action = Action(rawValue: name) else {
            throw RelabelMistake(message: "unknown relabel action \"\(source.action ?? "")\"")
        }
        self.action = action
        sourceLabels = source.sourceLabels ?? []
        separator = source.separator ?? ";"
        modulus = source.modulus ?? 0
        targetLabel = source.targetLabel ?? ""
        target = RegexTemplate(targetLabel)
        replacement = RegexTemplate(source.replacement ?? "$1")
        do {
            regex = try Regex(source.regex ?? "(.*)")
        } catch {
            throw RelabelMistake(message: error.description)
        }
        if let message = Self.mistake(source, action) { throw RelabelMistake(message: message) }
    }

    private static func mistake(_ source: Source, _ action: Action) -> String? {
        let target = source.targetLabel ?? ""
        switch action {
        case .replace, .hashmod, .lowercase, .uppercase, .keepequal, .dropequal:
            if target.isEmpty {
                return "relabel configuration for \(action) action requires 'target_label' value"
            }
        default: break
        }
        if action == .hashmod, source.modulus ?? 0 == 0 {
            return "relabel configuration for hashmod requires non-zero modulus"
        }
        switch action {
        case .lowercase, .uppercase, .keepequal, .dropequal:
            if source.replacement != nil, source.replacement != "$1" {
                return "'replacement' can not be set for \(action) action"
            }
        default: break
        }
        switch action {
        case .keepequal, .dropequal:
            if source.regex != nil || source.modulus != nil || source.separator != nil {
                return "\(action) action requires only 'source_labels' and `target_label`, "
                    + "and no other fields"
            }
        case .labeldrop, .labelkeep:
            if source.sourceLabels != nil || source.targetLabel != nil || source.modulus != nil
                || source.separator != nil || source.replacement != nil
            {
                return "\(action) action requires only 'regex', and no other fields"
            }
        default: break
        }
        return nil
    }

    /// Changes the labels; false when the rule drops them.
    package func apply(to labels: inout LabelSet) -> Bool {
        switch action {
        case .labelmap:
            for (name, value) in labels.sorted {
                if let mapped = regex.expand(template: replacement, ifFullyMatches: name) {
                    labels[mapped] = value
                }
            }
            return true
        case .labeldrop:
            labels.removeAll { regex.matchesFully($0) }
            return true
        case .labelkeep:
            labels.removeAll { !regex.matchesFully($0) }
            return true
        default: break
        }
        let value = sourceLabels.map { labels[$0] }.joined(separator: separator)
        switch action {
        case .keep: return regex.matchesFully(value)
        case .drop: return !regex.matchesFully(value)
        case .keepequal: return labels[targetLabel] == value
        case .dropequal: return labels[targetLabel] != value
        case .lowercase: labels[targetLabel] = value.lowercased()
        case .uppercase: labels[targetLabel] = value.uppercased()
        case .hashmod: labels[targetLabel] = String(Self.hash(value) % modulus)
        default: replace(value, &labels)
        }
        return true
    }

    private func replace(_ value: String, _ labels: inout LabelSet) {
        guard let name = regex.expand(template: target, ifFullyMatches: value), !name.isEmpty
        else { return }
        labels[name] = regex.expand(template: replacement, ifFullyMatches: value) ?? ""
    }

    /// The last eight bytes of the MD5 sum.
    private static func hash(_ text: String) -> UInt64 {
        MD5.sum(Array(text.utf8)).suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension [RelabelRule] {
    /// Applies all rules in order; false when one of them drops the labels.
    package func apply(to labels: inout LabelSet) -> Bool {
        for rule in self where !rule.apply(to: &labels) { return false }
        return true
    }
}
