/// The bounds of scraping that no configuration lifts.
enum ScrapeLimits {
    /// How often a target may be scraped.
    static let intervalNanosMin: Int64 = 100_000_000
    /// Plain bytes of an answer where `body_size_limit` says nothing: kube-state-metrics of a large
    /// cluster answers 100 MB.
    static let bodyByteCountMax = 256 << 20
    /// Targets of one job where `target_limit` says nothing.
    static let targetsMax = 20_000
    /// Scrapes under way at one time; others wait for their turn.
    static let scrapesMax = 64
    /// After how many scrapes unchanged descriptions are stored again.
    static let descriptionRounds: UInt64 = 64
    /// The longest time that a target waits without looking whether it is still wanted.
    static let waitNanosMax: Int64 = 5_000_000_000
    /// How often it is tried to write that a target's series ended: a disk that is full for longer
    /// leaves them to the lookback.
    static let endTriesMax = 60
    /// Redirects that a request follows.
    static let redirectsMax = 10
    /// Bytes of a file with a password or token.
    static let secretByteCountMax = 64 * 1024
    /// Bytes of a discovery's answer or file.
    static let discoveryByteCountMax = 16 << 20
    /// How far from its planned time a scrape may start and still be given that time, which makes
    /// times evenly spaced and so small on the disk; at most a hundredth of the interval (as
    /// Prometheus has it).
    static let toleranceNanosMax: Int64 = 2_000_000
    /// How often files of discovery are looked at: sooner than the refresh interval, as Prometheus
    /// watches them.
    static let fileLookNanos: Int64 = 5_000_000_000
}
