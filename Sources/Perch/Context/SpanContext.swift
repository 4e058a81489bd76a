public import Instrumentation
import PerchModel

/// The id of a trace: 16 bytes, never all zero.
public struct TraceID: Sendable, Hashable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    init?(high: UInt64, low: UInt64) {
        guard high | low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// From 32 hex digits, or 16, which are the lower half (B3).
    init?(hex text: some Collection<UInt8>) {
        guard text.count == 32 || text.count == 16, let bytes = Hex.decode(text) else { return nil }
        let low = UInt64(bigEndian: bytes.suffix(8))
        self.init(high: bytes.count == 16 ? UInt64(bigEndian: bytes.prefix(8)) : 0, low: low)
    }

    /// Appends the 16 bytes.
    func append(to output: inout [UInt8]) {
        high.append(to: &output)
        low.append(to: &output)
    }

    /// Appends 32 lower-case hex digits.
    func appendHex(to output: inout [UInt8]) {
        high.appendHex(to: &output)
        low.appendHex(to: &output)
    }

    /// 32 lower-case hex digits.
    public var description: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        appendHex(to: &digits)
        return String(decoding: digits, as: UTF8.self)
    }
}

/// The id of a span: 8 bytes, never all zero.
public struct SpanID: Sendable, Hashable, CustomStringConvertible {
    let value: UInt64

    init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    /// From 16 hex digits.
    init?(hex text: some Collection<UInt8>) {
        guard text.count == 16, let bytes = Hex.decode(text) else { return nil }
        self.init(UInt64(bigEndian: bytes[...]))
    }

    /// Appends the 8 bytes.
    func append(to output: inout [UInt8]) { value.append(to: &output) }

    /// Appends 16 lower-case hex digits.
    func appendHex(to output: inout [UInt8]) { value.appendHex(to: &output) }

    /// 16 lower-case hex digits.
    public var description: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(16)
        appendHex(to: &digits)
        return String(decoding: digits, as: UTF8.self)
    }
}

extension UInt64 {
    /// From at most 8 bytes, the highest first.
    init(bigEndian bytes: ArraySlice<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    var bigEndianBytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: self >> UInt64(56 - 8 * $0)) }
    }

    fileprivate func append(to output: inout [UInt8]) {
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 8
            output.append(UInt8(truncatingIfNeeded: self >> shift))
        }
    }

    fileprivate func appendHex(to output: inout [UInt8]) {
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 4
            let digit = UInt8(truncatingIfNeeded: self >> shift) & 15
            output.append(digit &+ (digit < 10 ? 0x30 : 0x57))
        }
    }
}

/// What names a span everywhere, and what a call to another service carries (COR-6).
public struct SpanContext: Sendable, Hashable {
    /// The trace.
    public var traceID: TraceID
    /// The span.
    public var spanID: SpanID
    /// Whether it is sent.
    public var isSampled: Bool
    /// Other vendors' part of the context, handed on as it came (W3C `tracestate`).
    public var state: String?
    /// Whether it came from another process.
    public var isRemote: Bool

    init(
        traceID: TraceID, spanID: SpanID, isSampled: Bool, state: String? = nil,
        isRemote: Bool = false
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.state = state
        self.isRemote = isRemote
    }

    /// From W3C `traceparent`, as it was stored with a job or came with a message.
    public init?(traceparent: String) {
        guard let found = Propagation.parent(traceparent) else { return nil }
        self = found
    }

    /// W3C `traceparent`, for what is not HTTP.
    public var traceparent: String { Propagation.text(of: self) }

    /// The context of the span that the current task works in.
    public static var current: SpanContext? { ServiceContext.current?.spanContext }
}

/// What a context knows of its span: one object, since a context that changes is made anew.
final class SpanNode: Sendable {
    let ids: SpanContext
    /// The spans of the trace in this process; nil when it came from elsewhere, or when nothing of
    /// it is kept.
    let trace: LocalTrace?

    init(_ ids: SpanContext, trace: LocalTrace?) {
        self.ids = ids
        self.trace = trace
    }
}

private enum SpanNodeKey: ServiceContextKey {
    typealias Value = SpanNode
    static var nameOverride: String? { "perch.span" }
}

private enum WorkKey: ServiceContextKey {
    typealias Value = WorkContext
    static var nameOverride: String? { "perch.work" }
}

private enum BaggageKey: ServiceContextKey {
    typealias Value = String
    static var nameOverride: String? { "baggage" }
}

/// Whose work a task does: what each of its log lines says (COR-1, COR-8).
public struct WorkContext: Sendable, Hashable {
    /// The request.
    public var requestID: String?
    /// The job.
    public var jobID: String?
    /// The user.
    public var userID: String?

    /// Makes a context.
    public init(requestID: String? = nil, jobID: String? = nil, userID: String? = nil) {
        self.requestID = requestID
        self.jobID = jobID
        self.userID = userID
    }
}

extension ServiceContext {
    /// The span that the work belongs to.
    public var spanContext: SpanContext? {
        get { spanNode?.ids }
        set { spanNode = newValue.map { SpanNode($0, trace: nil) } }
    }

    var spanNode: SpanNode? {
        get { self[SpanNodeKey.self] }
        set { self[SpanNodeKey.self] = newValue }
    }

    /// The request or job that the work belongs to.
    public var work: WorkContext? {
        get { self[WorkKey.self] }
        set { self[WorkKey.self] = newValue }
    }

    /// W3C `baggage`, handed on as it came.
    public var baggage: String? {
        get { self[BaggageKey.self] }
        set { self[BaggageKey.self] = newValue }
    }
}
