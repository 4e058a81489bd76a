import PerchModel
import PerchSeries
import PerchTestSupport
import Testing

@Suite("Sample payloads of the write log")
struct PayloadTests {
    /// docs/format/sample-batch.md, "Example".
    @Test("the sample example of the format page reads as described")
    func sampleExample() throws {
        let example = """
            01 01 07 0b 085f5f6e616d655f5f 01 61 02 0e00 d00f d00f
            000000000000f03f 0000000000000040 00 00 01 01 01 61 00 00
            """
        let bytes = try #require(Hex.decode(example.filter { $0.isHexDigit }.utf8))
        let payload = try SamplePayload.decode(bytes[...])
        #expect(payload.definitions.map(\.ref) == [7])
        #expect(Labels(canonical: payload.definitions[0].labels).metricName == "a")
        #expect(payload.refs == [7, 7])
        #expect(payload.times == [1000, 2000])
        #expect(payload.values == [1, 2])
        #expect(payload.metadata.map(\.family) == ["a"])
    }

    @Test("a damaged sample payload throws or reads, and never traps")
    func damagedSamples() throws {
        let example = """
            01 01 07 0b 085f5f6e616d655f5f 01 61 02 0e00 d00f d00f
            000000000000f03f 0000000000000040 00 00 01 01 01 61 00 00
            """
        let bytes = try #require(Hex.decode(example.filter { $0.isHexDigit }.utf8))
        let outcome = DecoderVerifier.verify(bytes) { _ = try SamplePayload.decode($0[...]) }
        #expect(outcome.refused > bytes.count)
    }
}
