import PerchIngest

extension PerchConfiguration {
    /// What the files that it names ask for without any effect here.
    package func notes() throws(ConfigurationFailure) -> [String] {
        try ScrapeSource.read(self).settings.notes
    }

    /// Reads the files that the configuration names, as a start would.
    func checkFiles() throws(ConfigurationFailure) {
        _ = try ScrapeSource.read(self)
        guard let tls else { return }
        do {
            _ = try CertificateSource(certificatePath: tls.certificatePath, keyPath: tls.keyPath)
        } catch {
            throw ConfigurationFailure(
                key: "tls",
                message: "\(tls.certificatePath) and \(tls.keyPath) cannot be used: \(error)")
        }
    }
}
