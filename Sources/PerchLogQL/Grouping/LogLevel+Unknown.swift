extension LogLevel {
    /// What a record's level is called that says none, or none that is known; Loki's name for it.
    package static let unknownName = "unknown"
}
