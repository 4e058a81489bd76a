extension ErrorOptions {
    /// Reads what the environment says of error reports; `hostName` is the resource's.
    mutating func read(
        hostName: String?, _ read: @escaping (String) -> String?
    ) throws(PerchOptionsFailure) {
        if let text = read("sentry.dsn") {
            guard let dsn = SentryDSN(text) else {
                // The text holds a key: it is not repeated.
                throw PerchOptionsFailure("SENTRY_DSN", "…", "https://KEY@HOST/PROJECT")
            }
            self.dsn = dsn
        }
        if let text = read("sentry.sample.rate") {
            sampleRate = try Self.share(text, "SENTRY_SAMPLE_RATE")
        }
        serverName = read("sentry.name") ?? hostName ?? read("hostname") ?? serverName
        let settings = EnvironmentSettings(read)
        crashes.isOn = try settings.flag("perch.crash.reports") ?? crashes.isOn
        notesThrows = try settings.flag("perch.throw.sites") ?? notesThrows
        // systemd names a folder that outlives the process in STATE_DIRECTORY.
        let folders = read("perch.crash.folder") ?? read("state.directory")
        crashes.folder = folders?.split(separator: ":").first.map(String.init)
    }

    /// A number from 0 to 1.
    static func share(_ text: String, _ name: String) throws(PerchOptionsFailure) -> Double {
        guard let rate = Double(text), (0...1).contains(rate) else {
            throw PerchOptionsFailure(name, text, "a number from 0 to 1")
        }
        return rate
    }
}
