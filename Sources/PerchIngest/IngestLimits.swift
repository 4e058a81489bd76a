/// What admission and decompression allow; a reload of the configuration may change it.
package struct IngestLimits: Sendable, Equatable {
    /// The most bytes of a body, after decompression.
    package var bodyByteCountMax: Int
    /// How old a log record may be, in nanoseconds: the retention of its dataset.
    package var logAgeNanosMax: Int64
    /// How old a span may be, in nanoseconds.
    package var spanAgeNanosMax: Int64
    /// How old a sample may be, in nanoseconds.
    package var sampleAgeNanosMax: Int64

    /// The most bytes of all requests between their first chunk and the disk.
    package var inFlightByteCountMax: Int

    package init(
        bodyByteCountMax: Int, logAgeNanosMax: Int64, spanAgeNanosMax: Int64,
        sampleAgeNanosMax: Int64, inFlightByteCountMax: Int = Limits.inFlightByteCountMax
    ) {
        self.bodyByteCountMax = bodyByteCountMax
        self.logAgeNanosMax = logAgeNanosMax
        self.spanAgeNanosMax = spanAgeNanosMax
        self.sampleAgeNanosMax = sampleAgeNanosMax
        self.inFlightByteCountMax = inFlightByteCountMax
    }
}
