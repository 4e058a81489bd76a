extension ScrapeTransport {
    /// Takes the keys of Prometheus' HTTP client out of a section.
    init(
        _ section: inout SettingsSection, _ defaults: ScrapeDefaults
    ) throws(SettingsMistake) {
        if let node = section.take("basic_auth") {
            var entry = try SettingsSection(node)
            let user = try entry.text("username") ?? ""
            let secret = try Self.secret(&entry, "password", "password_file", defaults)
            try entry.finish("basic_auth")
            authorization = .basic(user: user, password: secret ?? .text(""))
        }
        if let node = section.take("authorization") {
            var entry = try SettingsSection(node)
            let type = try entry.text("type") ?? "Bearer"
            guard type.lowercased() != "basic" else {
                throw SettingsMistake(
                    "authorization type cannot be set to \"basic\", use \"basic_auth\" instead",
                    at: node)
            }
            let secret = try Self.secret(&entry, "credentials", "credentials_file", defaults)
            try entry.finish("authorization")
            try set(.credentials(type: type, secret ?? .text("")), node)
        }
        if let secret = try Self.secret(&section, "bearer_token", "bearer_token_file", defaults) {
            authorization = .credentials(type: "Bearer", secret)
        }
        if let node = section.take("tls_config") {
            var entry = try SettingsSection(node)
            tls.authorityFile = try entry.text("ca_file").map(defaults.path)
            tls.certificateFile = try entry.text("cert_file").map(defaults.path)
            tls.keyFile = try entry.text("key_file").map(defaults.path)
            if let node = entry.take("server_name") {
                throw SettingsMistake("server_name is not supported", at: node)
            }
            tls.isUnchecked = try entry.flag("insecure_skip_verify") ?? false
            tls.versionMin = try Self.version(&entry, "min_version")
            tls.versionMax = try Self.version(&entry, "max_version")
            try entry.finish("tls_config")
        }
        followsRedirects = try section.flag("follow_redirects") ?? true
        if let node = section.take("http_headers") { try readHeaders(node, defaults) }
        for key in ["oauth2", "proxy_url", "proxy_from_environment", "proxy_connect_header"] {
            if let node = section.take(key) {
                throw SettingsMistake("\(key) is not supported", at: node)
            }
        }
        usesHTTP2 = try section.flag("enable_http2") ?? true
        // Without a proxy there is nothing to except from it.
        section.skip(["no_proxy"])
    }

    private static func version(
        _ section: inout SettingsSection, _ key: String
    ) throws(SettingsMistake) -> String? {
        guard let node = section.take(key) else { return nil }
        let text = try SettingsSection.text(node)
        guard ["TLS10", "TLS11", "TLS12", "TLS13"].contains(text) else {
            throw SettingsMistake("unknown TLS version: \(text)", at: node)
        }
        return text
    }

    private mutating func set(
        _ authorization: Authorization, _ node: SettingsNode
    ) throws(SettingsMistake) {
        guard self.authorization == .none else {
            throw SettingsMistake(
                "at most one of basic_auth, oauth2 & authorization must be configured", at: node)
        }
        self.authorization = authorization
    }

    private static func secret(
        _ section: inout SettingsSection, _ key: String, _ fileKey: String,
        _ defaults: ScrapeDefaults
    ) throws(SettingsMistake) -> Secret? {
        let file = try section.text(fileKey)
        if let text = try section.text(key) { return .text(text) }
        return file.map { .file(defaults.path($0)) }
    }

    private mutating func readHeaders(
        _ node: SettingsNode, _ defaults: ScrapeDefaults
    ) throws(SettingsMistake) {
        guard case .map(let pairs) = node.value else {
            throw SettingsMistake("http_headers must be a mapping", at: node)
        }
        for (key, value) in pairs {
            let name = try SettingsSection.text(key)
            var entry = try SettingsSection(value)
            for text in try entry.texts("values") ?? [] {
                headers.append(Header(name: name, value: .text(text)))
            }
            for text in try entry.texts("secrets") ?? [] {
                headers.append(Header(name: name, value: .text(text)))
            }
            for path in try entry.texts("files") ?? [] {
                headers.append(Header(name: name, value: .file(defaults.path(path))))
            }
            try entry.finish("http_headers")
        }
    }
}
