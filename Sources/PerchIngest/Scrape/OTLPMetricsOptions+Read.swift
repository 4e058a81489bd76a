import PerchWire

extension OTLPMetricsOptions {
    /// Reads the section `otlp` of a file as Prometheus has it.
    init(_ node: SettingsNode) throws(SettingsMistake) {
        self.init()
        var section = try SettingsSection(node)
        promotesAll = try section.flag("promote_all_resource_attributes") ?? false
        promoted = try Self.names(&section, "promote_resource_attributes")
        ignored = try Self.names(&section, "ignore_resource_attributes")
        if let node = section.take("translation_strategy") {
            let text = try SettingsSection.text(node)
            guard let known = Strategy(rawValue: text) else {
                throw SettingsMistake(
                    "unsupported OTLP translation strategy \"\(text)\"", at: node)
            }
            strategy = known
        }
        keepsIdentity = try section.flag("keep_identifying_resource_attributes") ?? false
        convertsHistograms = try section.flag("convert_histograms_to_nhcb") ?? false
        promotesScope = try section.flag("promote_scope_metadata") ?? false
        prefixesUnderscores = try section.flag("label_name_underscore_sanitization") ?? true
        keepsUnderscoreRuns = try section.flag("label_name_preserve_multiple_underscores") ?? true
        try section.finish("otlp")
        if let mistake { throw SettingsMistake(mistake, at: node) }
    }

    private static func names(
        _ section: inout SettingsSection, _ key: String
    ) throws(SettingsMistake) -> [String] {
        (try section.texts(key) ?? []).map { text in
            let start = text.drop(while: \.isWhitespace)
            return String(
                start.prefix(start.count - start.reversed().prefix(while: \.isWhitespace).count))
        }
    }
}
