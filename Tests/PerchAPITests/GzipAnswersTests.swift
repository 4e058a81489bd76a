import Testing

@testable import PerchAPI

@Suite struct GzipAnswersTests {
    /// RFC 9110, section 12.5.3.
    @Test(arguments: [
        ("gzip", true), ("gzip, deflate, br, zstd", true), ("deflate;q=0.5, gzip;q=0.8", true),
        ("*", true), ("", false), ("identity", false), ("gzip;q=0", false), ("gzip; q=0.0", false),
        ("GZIP", true), ("xgzip", false),
    ])
    func whatClientsTake(_ header: String, _ isTaken: Bool) {
        #expect(GzipAnswers.isTaken(header) == isTaken)
    }
}
