/// Where each key of a configuration was set: the last of file, environment and command line.
struct ConfigurationPlaces: Sendable {
    private var byKey: [String: String] = [:]

    mutating func add(_ key: String, _ place: String) {
        byKey[key] = place
    }

    /// The failure with the place of its key, where that was set at all.
    ///
    /// A key of a section stands for its section: what is wrong with `tls` is told where `tls.cert`
    /// stands.
    func placed(_ failure: ConfigurationFailure) -> ConfigurationFailure {
        guard failure.place == nil, let key = failure.key else { return failure }
        var failure = failure
        failure.place =
            byKey[key]
            ?? byKey.filter { $0.key.hasPrefix(key + ".") }.min { $0.key < $1.key }?.value
        return failure
    }
}

/// A configuration, and where its keys were set.
struct PlacedConfiguration: Sendable {
    var configuration = PerchConfiguration()
    var places = ConfigurationPlaces()
}
