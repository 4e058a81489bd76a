import PerchModel

/// The id of a trace: 16 bytes, not all zero (W3C Trace Context, section 3.2.2.3).
struct TraceID: Sendable, Hashable {
    let high: UInt64
    let low: UInt64

    /// Reads 1 to 32 hex digits; shorter ids, as older tracers make them, get zeros before them.
    init?(_ text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard (1...32).contains(digits.count) else { return nil }
        let padded = Array(repeating: UInt8(ascii: "0"), count: 32 - digits.count) + digits
        guard let bytes = Hex.decode(padded) else { return nil }
        self.init(bytes.span)
    }

    /// Reads 16 bytes; nil for another count, and for zeros.
    @inline(__always)
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = word(bytes, at: 0).bigEndian
        low = word(bytes, at: 8).bigEndian
        guard high | low != 0 else { return nil }
    }

    /// 32 lower-case hex digits.
    var text: String { Self.hex(high) + Self.hex(low) }

    /// The digits as Jaeger shows them: 16 where the upper half is zero.
    var shortText: String { high == 0 ? Self.hex(low) : text }

    private static func hex(_ value: UInt64) -> String {
        Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) })
    }
}
