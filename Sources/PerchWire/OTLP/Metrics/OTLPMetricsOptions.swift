/// How OTLP's metrics become series: what Prometheus' section `otlp` sets, with its defaults.
///
/// Source: Prometheus 3, "Configuration", `otlp`.
package struct OTLPMetricsOptions: Sendable, Equatable {
    /// What becomes of names.
    package enum Strategy: String, Sendable, CaseIterable {
        case underscoresWithSuffixes = "UnderscoreEscapingWithSuffixes"
        case underscoresWithoutSuffixes = "UnderscoreEscapingWithoutSuffixes"
        case unchangedWithSuffixes = "NoUTF8EscapingWithSuffixes"
        case unchanged = "NoTranslation"

        /// Whether characters that names of PromQL do not have without quotes are replaced.
        package var escapes: Bool {
            self == .underscoresWithSuffixes || self == .underscoresWithoutSuffixes
        }

        /// Whether units and types show in names.
        package var addsSuffixes: Bool {
            self == .underscoresWithSuffixes || self == .unchangedWithSuffixes
        }
    }

    package var strategy = Strategy.underscoresWithSuffixes
    /// Whether every attribute of a resource becomes a label, except `ignored`.
    package var promotesAll = false
    /// Attributes of resources that become labels of every series.
    package var promoted: [String] = []
    package var ignored: [String] = []
    /// Whether `target_info` also has the attributes that `job` and `instance` are made of.
    package var keepsIdentity = false
    /// Whether name, version, schema and attributes of a scope become labels.
    package var promotesScope = false
    /// Whether histograms with bounds become native ones with these bounds.
    package var convertsHistograms = false
    /// Whether labels that begin with one underscore get `key` in front.
    package var prefixesUnderscores = true
    /// Whether several underscores in a row stay in labels.
    package var keepsUnderscoreRuns = true

    package init() {}

    /// What is wrong with the settings together, or nil; in Prometheus' words.
    package var mistake: String? {
        if promotesAll {
            guard promoted.isEmpty else {
                return "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot "
                    + "be configured simultaneously"
            }
            return Self.mistake(in: ignored, "ignore_resource_attributes", "ignored")
        }
        guard ignored.isEmpty else {
            return "'ignore_resource_attributes' cannot be configured unless "
                + "'promote_all_resource_attributes' is true"
        }
        return Self.mistake(in: promoted, "promote_resource_attributes", "promoted")
    }

    private static func mistake(in names: [String], _ key: String, _ word: String) -> String? {
        var seen: Set<String> = []
        for name in names {
            let reason =
                name.isEmpty
                ? "empty \(word) OTel resource attribute"
                : "duplicated \(word) OTel resource attribute \"\(name)\""
            if name.isEmpty || !seen.insert(name).inserted { return "invalid '\(key)': \(reason)" }
        }
        return nil
    }

    var labelStyle: LabelStyle {
        LabelStyle(
            escapes: strategy.escapes, prefixesUnderscores: prefixesUnderscores,
            keepsUnderscoreRuns: keepsUnderscoreRuns)
    }

    /// The promoted attributes of a resource.
    func promotion() -> (String) -> Bool {
        if promotesAll {
            let ignored = Set(ignored)
            return { !ignored.contains($0) }
        }
        let promoted = Set(promoted)
        return promoted.contains
    }
}

/// How the names of attributes become names of labels.
struct LabelStyle: Sendable, Equatable {
    /// Whether what is no letter, digit or underscore becomes an underscore.
    var escapes = true
    var prefixesUnderscores = true
    var keepsUnderscoreRuns = true

    /// Labels of protocols that give their names as they are to be.
    static let unchanged = LabelStyle(escapes: false)
}
