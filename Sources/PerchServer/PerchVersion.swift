/// Which Perch this is.
package enum PerchVersion {
    /// The version, as in CHANGELOG.md.
    package static let current = "0.1.0"
}
