/// The bounds of this target.
///
/// None reaches the disk.
enum Limits {
    /// Verified secrets that are remembered, so that scrypt runs once a secret.
    ///
    /// A sender has one or two; when the table is full it begins again.
    static let verifiedMax = 1_024
    /// How long a verified secret is believed before the store is asked whether the key is still
    /// there: what another process takes back stops working after this.
    static let verifiedNanosMax: Int64 = 10 * 1_000_000_000
    /// Wrong secrets that are remembered for a minute, so that a sender with an old key costs one
    /// attempt a minute and no scrypt.
    static let rejectedMax = 4_096
    /// Different wrong secrets from one address in a minute.
    static let wrongSecretsPerMinuteMax = 20
    /// Wrong passwords from one address in a minute.
    static let loginsPerPeerMax = 10
    /// Wrong passwords for one name in a minute, from all addresses; nobody locks a person out
    /// from one address alone.
    static let loginsPerNameMax = 30
    /// Wrong passwords for one name where the address is not known.
    static let loginsWithoutPeerMax = 5
    /// Names or addresses that one limiter tells apart.
    static let limitedNamesMax = 4_096
    /// Hashes that wait for their turn.
    ///
    /// Each takes some tens of milliseconds.
    static let hashesWaitingMax = 64
    /// Bytes of a secret that is looked at.
    static let secretByteCountMax = 512
    /// How long a session lasts after its last use: 30 days.
    static let sessionNanos: Int64 = 30 * 86_400 * 1_000_000_000
    /// How often the use of a session is written: once a day, not at every request.
    static let sessionTouchNanos: Int64 = 86_400 * 1_000_000_000
}
