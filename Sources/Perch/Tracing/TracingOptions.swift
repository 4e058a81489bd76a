/// What an application chooses about its traces.
public struct TracingOptions: Sendable {
    /// Which traces are sent.
    public var sampler = Sampler(ratio: 1)
    /// Whether a trace that the sampler left out is sent when it has an error (SMP-1, SMP-2).
    ///
    /// Its spans are kept until the first span of this process ends.
    public var keepsErrors = true
    /// The same for a trace whose first span of this process takes longer; nil for none.
    public var keepsSlowerThan: Duration? = .seconds(1)
    /// Whether the spans inside the first one are measured in traces that were not sampled, so that
    /// a trace which is kept after all is whole.
    ///
    /// Without it only the first span is kept, and the others cost little more than their ids.
    public var holdsSpans = true
    /// Attributes of a span, and of each of its events and links.
    public var attributesMax = 128
    /// Events of a span.
    public var eventsMax = 128
    /// Links of a span.
    public var linksMax = 128
    /// Bytes of a text; longer ones are cut.
    public var attributeByteCountMax = 8192
    /// Spans that wait for the end of the first one, in one trace and in all together.
    public var heldSpansPerTraceMax = 512
    /// Spans of all traces that wait for an end.
    public var heldSpansMax = 8192

    /// Makes the defaults.
    public init() {}
}
