import PerchWire

extension ScrapeSettings {
    /// Reads `global` and `scrape_configs` of a file as Prometheus has it.
    ///
    /// Other sections of the file are others' business and are left alone; within these two an
    /// unknown key is a mistake, as in Prometheus. `folder` is where relative paths begin.
    package init(
        prometheusFile root: SettingsNode, folder: String
    ) throws(SettingsMistake) {
        var file = try SettingsSection(root)
        var defaults = ScrapeDefaults(folder: folder)
        if let node = file.take("global") { externalLabels = try defaults.read(node) }
        if let node = file.take("otlp") { otlp = try OTLPMetricsOptions(node) }
        notes += file.notes(Self.otherSections, "is not followed")
        for node in try file.list("scrape_configs") ?? [] {
            let job = try ScrapeJob(node, &defaults)
            guard !jobs.contains(where: { $0.name == job.name }) else {
                throw SettingsMistake(
                    "found multiple scrape configs with job name \"\(job.name)\"", at: node)
            }
            jobs.append(job)
        }
        notes += defaults.notes
    }

    /// Sections of Prometheus that do nothing here.
    private static let otherSections = [
        "rule_files", "alerting", "remote_write", "remote_read", "storage", "tracing",
        "scrape_config_files",
    ]
}

/// What `global` sets for every job.
struct ScrapeDefaults {
    var folder: String
    var intervalNanos: Int64 = 60_000_000_000
    var timeoutNanos: Int64 = 10_000_000_000
    var bounds = ScrapeBounds()
    var formats = ScrapeFormatKeys()
    var droppedMax = 0
    var notes: [String] = []

    init(folder: String) {
        self.folder = folder
    }

    /// Answers the external labels.
    mutating func read(
        _ node: SettingsNode
    ) throws(SettingsMistake) -> [(name: String, value: String)] {
        var section = try SettingsSection(node)
        let timeout = try section.duration("scrape_timeout")
        intervalNanos = try section.duration("scrape_interval") ?? intervalNanos
        timeoutNanos = timeout ?? min(timeoutNanos, intervalNanos)
        guard timeoutNanos <= intervalNanos else {
            throw SettingsMistake(
                "global scrape timeout greater than scrape interval", at: node)
        }
        try bounds.read(&section)
        let labels = try section.texts(byName: "external_labels")
        formats = try ScrapeFormatKeys(&section)
        droppedMax = try section.number("keep_dropped_targets") ?? 0
        notes += section.notes(["query_log_file", "scrape_failure_log_file"], Self.noLog)
        // Of rules, which are not part of this, and of Go.
        section.skip(["evaluation_interval", "rule_query_offset", "runtime"])
        try section.finish("global")
        return labels.map { (name: $0.0, value: $0.1) }
    }

    /// Failed scrapes and slow queries stand elsewhere.
    static let noLog = "writes no file; see /api/v1/targets and the server's log"

    /// A path of the file, from the folder that the file is in.
    func path(_ text: String) -> String {
        text.hasPrefix("/") || folder.isEmpty ? text : "\(folder)/\(text)"
    }
}

extension ScrapeBounds {
    mutating func read(_ section: inout SettingsSection) throws(SettingsMistake) {
        bodyByteCount = try section.byteCount("body_size_limit") ?? bodyByteCount
        samples = try section.number("sample_limit") ?? samples
        labels = try section.number("label_limit") ?? labels
        labelNameByteCount = try section.number("label_name_length_limit") ?? labelNameByteCount
        labelValueByteCount =
            try section.number("label_value_length_limit") ?? labelValueByteCount
        targets = try section.number("target_limit") ?? targets
    }
}

extension ScrapeJob {
    /// Discoveries of Prometheus that are not here.
    private static let otherDiscoveries = [
        "azure", "consul", "digitalocean", "docker", "dockerswarm", "dns", "ec2", "eureka", "gce",
        "hetzner", "ionos", "kubernetes", "kuma", "lightsail", "linode", "marathon", "nerve",
        "nomad", "openstack", "ovhcloud", "puppetdb", "scaleway", "serverset", "stackit", "triton",
        "uyuni", "vultr",
    ]

    init(
        _ node: SettingsNode, _ defaults: inout ScrapeDefaults
    ) throws(SettingsMistake) {
        var section = try SettingsSection(node)
        name = try section.text("job_name") ?? ""
        guard !name.isEmpty else { throw SettingsMistake("job_name is empty", at: node) }
        try readTimes(&section, node, defaults)
        metricsPath = try section.text("metrics_path") ?? metricsPath
        if let scheme = section.take("scheme") {
            self.scheme = try SettingsSection.text(scheme).lowercased()
            guard self.scheme == "http" || self.scheme == "https" else {
                throw SettingsMistake("scheme must be http or https", at: scheme)
            }
        }
        honorsLabels = try section.flag("honor_labels") ?? false
        honorsTimes = try section.flag("honor_timestamps") ?? true
        tracksTimesStaleness = try section.flag("track_timestamps_staleness") ?? false
        compresses = try section.flag("enable_compression") ?? true
        bounds = defaults.bounds
        try bounds.read(&section)
        if let node = section.take("params") { parameters = try Self.parameters(node) }
        transport = try ScrapeTransport(&section, defaults)
        targetRules = try RelabelRule.list(&section, "relabel_configs")
        sampleRules = try RelabelRule.list(&section, "metric_relabel_configs")
        try readDiscoveries(&section, defaults)
        formats = try ScrapeFormatKeys(&section).formats(defaults.formats, at: node)
        droppedMax = try section.number("keep_dropped_targets") ?? defaults.droppedMax
        defaults.notes += section.notes(["scrape_failure_log_file"], ScrapeDefaults.noLog)
        try section.finish("the job \(name)")
    }

    private mutating func readTimes(
        _ section: inout SettingsSection, _ node: SettingsNode, _ defaults: ScrapeDefaults
    ) throws(SettingsMistake) {
        let timeout = try section.duration("scrape_timeout")
        intervalNanos = try section.duration("scrape_interval") ?? defaults.intervalNanos
        timeoutNanos = timeout ?? min(defaults.timeoutNanos, intervalNanos)
        guard intervalNanos >= ScrapeLimits.intervalNanosMin else {
            throw SettingsMistake("scrape_interval below a second tenth", at: node)
        }
        guard timeoutNanos > 0, timeoutNanos <= intervalNanos else {
            throw SettingsMistake(
                "scrape timeout greater than scrape interval for scrape config with job name "
                    + "\"\(name)\"", at: node)
        }
    }

    private static func parameters(
        _ node: SettingsNode
    ) throws(SettingsMistake) -> [(name: String, values: [String])] {
        guard case .map(let pairs) = node.value else {
            throw SettingsMistake("params must be a mapping", at: node)
        }
        return try pairs.map { pair throws(SettingsMistake) in
            guard case .list(let values) = pair.value.value else {
                throw SettingsMistake("a parameter must be a list", at: pair.value)
            }
            let texts = try values.map { value throws(SettingsMistake) in
                try SettingsSection.text(value)
            }
            return (name: try SettingsSection.text(pair.key), values: texts)
        }
    }

    private mutating func readDiscoveries(
        _ section: inout SettingsSection, _ defaults: ScrapeDefaults
    ) throws(SettingsMistake) {
        for (number, node) in (try section.list("static_configs") ?? []).enumerated() {
            staticGroups.append(try TargetGroup(node, source: "\(number)"))
        }
        for node in try section.list("file_sd_configs") ?? [] {
            var entry = try SettingsSection(node)
            let patterns = try entry.texts("files") ?? []
            for pattern in patterns {
                let name = pattern.split(separator: "/").last ?? ""
                guard [".json", ".yml", ".yaml"].contains(where: name.hasSuffix) else {
                    throw SettingsMistake(
                        "path name \"\(pattern)\" is not valid for file discovery", at: node)
                }
            }
            files.append(
                FileDiscovery(
                    patterns: patterns.map(defaults.path),
                    refreshNanos: try entry.duration("refresh_interval") ?? 300_000_000_000))
            try entry.finish("file_sd_configs")
        }
        for node in try section.list("http_sd_configs") ?? [] {
            var entry = try SettingsSection(node)
            let url = try entry.text("url") ?? ""
            guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw SettingsMistake("url of http_sd_configs must be http or https", at: node)
            }
            let refresh = try entry.duration("refresh_interval") ?? 60_000_000_000
            services.append(
                HTTPDiscovery(
                    url: url, refreshNanos: refresh,
                    transport: try ScrapeTransport(&entry, defaults)))
            try entry.finish("http_sd_configs")
        }
        for kind in Self.otherDiscoveries {
            if let node = section.take("\(kind)_sd_configs") {
                throw SettingsMistake(
                    "\(kind)_sd_configs is not supported; targets come from static_configs, "
                        + "file_sd_configs or http_sd_configs", at: node)
            }
        }
    }
}

extension TargetGroup {
    /// An entry of `static_configs`, or of a discovery's answer.
    package init(_ node: SettingsNode, source: String) throws(SettingsMistake) {
        var section = try SettingsSection(node)
        self.init(
            source: source, addresses: try section.texts("targets") ?? [],
            labels: LabelSet(
                try section.texts(byName: "labels").map { (name: $0.0, value: $0.1) }))
        try section.finish("a group of targets")
    }

    /// The groups of a discovery's answer or file.
    package static func all(
        _ node: SettingsNode, source: String
    ) throws(SettingsMistake) -> [TargetGroup] {
        switch node.value {
        case .null: return []
        case .list(let nodes):
            return try nodes.enumerated().map { place throws(SettingsMistake) in
                try TargetGroup(place.element, source: "\(source):\(place.offset)")
            }
        default: throw SettingsMistake("expected a list of groups of targets", at: node)
        }
    }
}

extension RelabelRule {
    static func list(
        _ section: inout SettingsSection, _ name: String
    ) throws(SettingsMistake) -> [RelabelRule] {
        let nodes = try section.list(name) ?? []
        return try nodes.map { node throws(SettingsMistake) in
            var entry = try SettingsSection(node)
            var source = Source()
            source.action = try entry.text("action")
            source.sourceLabels = try entry.texts("source_labels")
            source.separator = try entry.text("separator")
            source.regex = try entry.text("regex")
            source.modulus = try entry.number("modulus").map(UInt64.init)
            source.targetLabel = try entry.text("target_label")
            source.replacement = try entry.text("replacement")
            try entry.finish(name)
            do throws(RelabelMistake) {
                return try RelabelRule(source)
            } catch {
                throw SettingsMistake(error.message, at: node)
            }
        }
    }
}
