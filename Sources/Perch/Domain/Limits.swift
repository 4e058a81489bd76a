/// The bounds of what the domain instruments remember.
enum Limits {
    /// Payments that were created and neither confirmed nor failed.
    static let pairsMax = 10_000
    /// Addresses and users whose failed logins are counted.
    static let subjectsMax = 10_000
    /// Places that one user was seen at.
    static let placesPerUserMax = 8
}
