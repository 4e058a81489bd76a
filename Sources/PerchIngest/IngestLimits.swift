/// What admission and decompression allow; a reload of the configuration may change it.
package struct IngestLimits: Sendable, Equatable {
    /// The most bytes of a body, after decompression.
    package var bodyByteCountMax: Int
    /// How old a log record may be: the retention of its dataset, and its rules.
    package var logAges: EventAges
    /// How old a span may be.
    package var spanAges: EventAges
    /// How old a sample may be, in nanoseconds.
    package var sampleAgeNanosMax: Int64

    /// The most bytes of all requests between their first chunk and the disk.
    package var inFlightByteCountMax: Int

    package init(
        bodyByteCountMax: Int, logAges: EventAges, spanAges: EventAges,
        sampleAgeNanosMax: Int64, inFlightByteCountMax: Int = Limits.inFlightByteCountMax
    ) {
        self.bodyByteCountMax = bodyByteCountMax
        self.logAges = logAges
        self.spanAges = spanAges
        self.sampleAgeNanosMax = sampleAgeNanosMax
        self.inFlightByteCountMax = inFlightByteCountMax
    }
}
