/// Which traces are sent (SMP-1).
///
/// The names are those of `OTEL_TRACES_SAMPLER`. Source: OpenTelemetry's specification, "SDK
/// environment variables" and "TraceIdRatioBased".
public struct Sampler: Sendable, Hashable {
    /// The part of traces that are sampled, from 0 to 1, where the caller did not decide.
    public var ratio: Double
    /// Whether the decision of a caller is taken over.
    public var followsParent: Bool

    /// Samples a part of the traces.
    public init(ratio: Double, followsParent: Bool = true) {
        self.ratio = min(1, max(0, ratio))
        self.followsParent = followsParent
    }

    /// By the names of `OTEL_TRACES_SAMPLER`, or nil for an unknown one.
    init?(name: String, argument: String?) {
        let ratio = argument.flatMap(Double.init) ?? 1
        switch name {
        case "always_on": self.init(ratio: 1, followsParent: false)
        case "always_off": self.init(ratio: 0, followsParent: false)
        case "traceidratio": self.init(ratio: ratio, followsParent: false)
        case "parentbased_always_on": self.init(ratio: 1)
        case "parentbased_always_off": self.init(ratio: 0)
        case "parentbased_traceidratio": self.init(ratio: ratio)
        default: return nil
        }
    }

    func isSampled(_ trace: TraceID, parent: SpanContext?) -> Bool {
        if followsParent, let parent { return parent.isSampled }
        guard ratio < 1 else { return true }
        // The lowest 63 bits are random in all ids that follow the specification.
        return Double(trace.low >> 1) < ratio * 0x1p63
    }
}
