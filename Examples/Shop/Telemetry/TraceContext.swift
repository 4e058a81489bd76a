/// The identity of a span as it travels between services (W3C Trace Context).
struct TraceContext: Sendable, Hashable {
    let traceHigh: UInt64
    let traceLow: UInt64
    let spanID: UInt64

    /// The root of a new trace.
    static func root() -> TraceContext {
        TraceContext(traceHigh: nonZero(), traceLow: nonZero(), spanID: nonZero())
    }

    /// A new span in the same trace.
    func child() -> TraceContext {
        TraceContext(traceHigh: traceHigh, traceLow: traceLow, spanID: Self.nonZero())
    }

    var traceIDText: String { traceHigh.hexText + traceLow.hexText }
    var spanIDText: String { spanID.hexText }

    /// The value of the `traceparent` header; every span of the demo is sampled.
    var traceparent: String { "00-\(traceIDText)-\(spanIDText)-01" }

    private static func nonZero() -> UInt64 { UInt64.random(in: 1...UInt64.max) }
}

extension TraceContext {
    /// Reads a `traceparent` header; nil when it is malformed, as the specification asks.
    init?(traceparent: String) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].utf8.count == 2, parts[1].utf8.count == 32,
            parts[2].utf8.count == 16, parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            let high = UInt64(lowercaseHex: parts[1].prefix(16)),
            let low = UInt64(lowercaseHex: parts[1].suffix(16)),
            let span = UInt64(lowercaseHex: parts[2]),
            high | low != 0, span != 0
        else { return nil }
        self.init(traceHigh: high, traceLow: low, spanID: span)
    }
}

extension UInt64 {
    /// Sixteen lowercase hexadecimal digits.
    fileprivate var hexText: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    fileprivate init?(lowercaseHex text: Substring) {
        let allowed = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        guard allowed else { return nil }
        self.init(text, radix: 16)
    }
}
