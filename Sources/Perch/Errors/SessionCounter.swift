import Synchronization

/// Counts sessions for release health: the process as one, or each request.
///
/// Source: Sentry's developer documentation, "Sessions".
final class SessionCounter: Sendable {
    private struct State {
        var errorCount = 0
        var isCrashed = false
        /// Start of the minute that `counts` belong to, nanoseconds since 1970.
        var minute: Int64 = 0
        var counts = Counts()
    }

    private struct Counts {
        var exited = 0
        var errored = 0
        var crashed = 0

        var isEmpty: Bool { exited + errored + crashed == 0 }
    }

    let mode: ErrorOptions.Sessions
    /// The process's session.
    let id: String
    let startTime: Int64
    private let clock: @Sendable () -> Int64
    private let state = Mutex(State())

    init(mode: ErrorOptions.Sessions, id: String, clock: @escaping @Sendable () -> Int64) {
        self.mode = mode
        self.id = id
        self.clock = clock
        startTime = clock()
    }

    /// Counts an error of the process.
    func failed(isHandled: Bool) {
        state.withLock { $0.errorCount += 1 }
    }

    /// Says that the process's session ends with a crash.
    func crashed() { state.withLock { $0.isCrashed = true } }

    /// Counts a request: crashed when nothing handled its error.
    func requestEnded(hasError: Bool, isCrashed: Bool) {
        guard mode == .requests else { return }
        state.withLock { state in
            if isCrashed {
                state.counts.crashed += 1
            } else if hasError {
                state.counts.errored += 1
            } else {
                state.counts.exited += 1
            }
            if state.minute == 0 { state.minute = clock() / 60_000_000_000 * 60_000_000_000 }
        }
    }

    /// The item that begins the process's session.
    func began(_ identity: ErrorIdentity) -> Envelope.Item? {
        guard mode == .process else { return nil }
        let session = Session(
            id: id, start: startTime, time: startTime, status: .ok, errorCount: 0, isFirst: true)
        return session.item(identity)
    }

    /// The item that ends the process's session, or the last of the requests.
    func ended(_ identity: ErrorIdentity) -> Envelope.Item? {
        guard mode == .process else { return requests(identity) }
        let (count, isCrashed) = state.withLock { ($0.errorCount, $0.isCrashed) }
        let session = Session(
            id: id, start: startTime, time: clock(), status: isCrashed ? .crashed : .exited,
            errorCount: count, isFirst: false)
        return session.item(identity)
    }

    /// The requests since the last call.
    func requests(_ identity: ErrorIdentity) -> Envelope.Item? {
        let (minute, counts) = state.withLock { state in
            defer {
                state.counts = Counts()
                state.minute = 0
            }
            return (state.minute, state.counts)
        }
        guard mode == .requests, !counts.isEmpty else { return nil }
        var output = JSONOutput()
        output.object { output in
            output.array("aggregates") { output in
                output.object { output in
                    output.text("started", Session.text(minute))
                    output.number("exited", counts.exited)
                    output.number("errored", counts.errored)
                    output.number("crashed", counts.crashed)
                }
            }
            Session.attributes(identity, to: &output)
        }
        return Envelope.Item(kind: .sessions, payload: output.bytes)
    }
}

/// The session of one process.
struct Session: Sendable {
    /// How it is, or how it ended.
    enum Status: String, Sendable {
        case ok
        case exited
        case crashed
        case abnormal
    }

    var id: String
    /// Nanoseconds since 1970.
    var start: Int64
    /// Nanoseconds since 1970.
    var time: Int64
    var status: Status
    var errorCount: Int
    var isFirst: Bool

    func item(_ identity: ErrorIdentity) -> Envelope.Item {
        var output = JSONOutput()
        output.object { output in
            output.text("sid", Self.dashed(id))
            output.flag("init", isFirst)
            output.text("started", Self.text(start))
            output.text("timestamp", Self.text(time))
            output.text("status", status.rawValue)
            output.number("errors", errorCount + (status == .crashed ? 1 : 0))
            if !isFirst { output.number("duration", max(0, time &- start) / 1_000_000_000) }
            Self.attributes(identity, to: &output)
        }
        return Envelope.Item(kind: .session, payload: output.bytes)
    }

    /// 32 hex digits as a UUID.
    static func dashed(_ id: String) -> String {
        var text = ""
        for (index, digit) in id.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }

    static func text(_ time: Int64) -> String {
        var bytes: [UInt8] = []
        var text = LogTime()
        text.append(time, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func attributes(_ identity: ErrorIdentity, to output: inout JSONOutput) {
        output.object("attrs") { output in
            output.text("release", identity.release)
            output.text("environment", identity.environment)
        }
    }
}
