/// The bounds of this target.
package enum Limits {
    /// How far ahead of the server's clock a sample or event may be: ten minutes, beyond which a
    /// sender's clock is wrong rather than late (design, "Day one").
    package static let futureNanosMax: Int64 = 600 * 1_000_000_000
    /// Series of delta temporality whose sums are kept. At about 300 bytes each this stays below
    /// 32 MB; more are refused, since forgetting one would count it twice.
    package static let deltaSeriesMax = 100_000
    /// Seconds after which a refused sender may try again.
    package static let retryAfterSeconds = 5
}
