/// The keys of formats as `global` or a job gives them.
///
/// Source: Prometheus 3, "Configuration", `global` and `scrape_config`.
struct ScrapeFormatKeys {
    private var protocols: [ScrapeProtocol]?
    private var fallback: ScrapeProtocol?
    private var isLegacy: Bool?
    private var escaping: ScrapeFormats.Escaping?
    private var readsNative: Bool?
    private var keepsClassic: Bool?
    private var convertsClassic: Bool?
    private var reportsMore: Bool?
    private var bucketsMax: Int?
    private var bucketFactorMin: Double?

    init() {}

    init(_ section: inout SettingsSection) throws(SettingsMistake) {
        if let node = section.take("scrape_protocols") { protocols = try Self.protocols(node) }
        if let node = section.take("fallback_scrape_protocol") {
            fallback = try Self.oneProtocol(node, "invalid fallback_scrape_protocol: ")
        }
        if let node = section.take("metric_name_validation_scheme") {
            let text = try SettingsSection.text(node)
            guard ["", "legacy", "utf8"].contains(text) else {
                throw SettingsMistake(
                    "unknown name validation method specified, must be either '', 'legacy' or "
                        + "'utf8', got \(text)", at: node)
            }
            isLegacy = text.isEmpty ? nil : text == "legacy"
        }
        if let node = section.take("metric_name_escaping_scheme") {
            let text = try SettingsSection.text(node)
            escaping = ScrapeFormats.Escaping(rawValue: text)
            guard text.isEmpty || escaping != nil else {
                throw SettingsMistake(
                    "unknown name escaping method specified, must be one of 'allow-utf-8', "
                        + "'underscores', 'dots', or 'values', got \"\(text)\"", at: node)
            }
        }
        readsNative = try section.flag("scrape_native_histograms")
        let oldName = try section.flag("scrape_classic_histograms")
        keepsClassic = try section.flag("always_scrape_classic_histograms") ?? oldName
        convertsClassic = try section.flag("convert_classic_histograms_to_nhcb")
        reportsMore = try section.flag("extra_scrape_metrics")
        bucketsMax = try section.number("native_histogram_bucket_limit")
        if let node = section.take("native_histogram_min_bucket_factor") {
            guard let factor = Double(try SettingsSection.text(node)), factor >= 0,
                factor.isFinite
            else {
                throw SettingsMistake(
                    "native_histogram_min_bucket_factor must be a number from 0", at: node)
            }
            bucketFactorMin = factor
        }
    }

    /// What they come to, with those of `global` where the job says nothing.
    func formats(
        _ global: ScrapeFormatKeys, at node: SettingsNode
    ) throws(SettingsMistake) -> ScrapeFormats {
        var formats = ScrapeFormats()
        formats.readsNativeHistograms = readsNative ?? global.readsNative ?? false
        formats.keepsClassicHistograms = keepsClassic ?? global.keepsClassic ?? false
        formats.convertsClassicHistograms = convertsClassic ?? global.convertsClassic ?? false
        formats.reportsMore = reportsMore ?? global.reportsMore ?? false
        formats.bucketsMax = bucketsMax ?? 0
        formats.bucketFactorMin = bucketFactorMin ?? 0
        // Only the protobuf form has native histograms.
        let usual =
            formats.readsNativeHistograms
            ? [.protobuf] + ScrapeProtocol.usual : ScrapeProtocol.usual
        formats.protocols = protocols ?? global.protocols ?? usual
        formats.fallback = fallback
        formats.isLegacy = isLegacy ?? global.isLegacy ?? false
        let inherited = isLegacy == nil ? global.escaping : nil
        formats.escaping =
            escaping ?? inherited ?? (formats.isLegacy ? .underscores : .unchanged)
        guard !formats.isLegacy || formats.escaping != .unchanged else {
            throw SettingsMistake(
                "utf8 metric names requested but validation scheme is not set to UTF8", at: node)
        }
        return formats
    }

    private static func protocols(
        _ node: SettingsNode
    ) throws(SettingsMistake) -> [ScrapeProtocol] {
        guard case .list(let nodes) = node.value else {
            throw SettingsMistake("scrape_protocols must be a list", at: node)
        }
        guard !nodes.isEmpty else {
            throw SettingsMistake("scrape_protocols cannot be empty", at: node)
        }
        var protocols: [ScrapeProtocol] = []
        for node in nodes {
            let next = try oneProtocol(node, "scrape_protocols: ")
            guard !protocols.contains(next) else {
                throw SettingsMistake(
                    "duplicated protocol in scrape_protocols, got \(next.rawValue)", at: node)
            }
            protocols.append(next)
        }
        return protocols
    }

    private static func oneProtocol(
        _ node: SettingsNode, _ prefix: String
    ) throws(SettingsMistake) -> ScrapeProtocol {
        let text = try SettingsSection.text(node)
        guard let found = ScrapeProtocol(rawValue: text) else {
            let known = ScrapeProtocol.allCases.map(\.rawValue).sorted().joined(separator: " ")
            throw SettingsMistake(
                "\(prefix)unknown scrape protocol \(text), supported: [\(known)]", at: node)
        }
        return found
    }
}
