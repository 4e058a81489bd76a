import Logging
import Synchronization

/// The last log lines and requests of a process (ERR-5); bounded.
final class BreadcrumbRing: Sendable {
    private struct State {
        var entries: [LogEntry] = []
        /// Where the oldest entry stands.
        var start = 0
    }

    private let countMax: Int
    private let state = Mutex(State())
    private let outlives = Atomic(false)

    /// Whether entries are kept for the report of a crash too.
    var outlivesProcess: Bool {
        get { outlives.load(ordering: .relaxed) }
        set { outlives.store(newValue, ordering: .relaxed) }
    }

    init(countMax: Int) {
        self.countMax = countMax
    }

    func add(_ entry: LogEntry) {
        guard countMax > 0 else { return }
        if outlivesProcess { CrashReports.note(entry) }
        // They change places, which copies neither; what was there is freed after the lock is.
        var entry = entry
        state.withLock { state in
            guard state.entries.count == countMax else {
                state.entries.append(entry)
                return
            }
            swap(&state.entries[state.start], &entry)
            state.start = state.start + 1 == countMax ? 0 : state.start + 1
        }
    }

    /// The last `count` entries that belong to the work, or to none, the oldest first.
    ///
    /// A server does many things at once: what another request did explains nothing.
    func last(_ count: Int, work: WorkContext?, span: SpanContext?) -> [LogEntry] {
        state.withLock { state in
            var found: [LogEntry] = []
            for offset in 1...max(1, state.entries.count) where !state.entries.isEmpty {
                guard found.count < count else { break }
                let place = (state.start + state.entries.count - offset) % state.entries.count
                let entry = state.entries[place]
                if Self.belongs(entry, work, span) { found.append(entry) }
            }
            return found.reversed()
        }
    }

    private static func belongs(
        _ entry: LogEntry, _ work: WorkContext?, _ span: SpanContext?
    ) -> Bool {
        if let trace = span?.traceID, entry.span?.traceID == trace { return true }
        if let id = work?.requestID { return (entry.work?.requestID ?? id) == id }
        if let id = work?.jobID { return (entry.work?.jobID ?? id) == id }
        return true
    }
}

extension Breadcrumb {
    /// A log entry, redacted already, as a breadcrumb.
    init(_ entry: LogEntry) {
        var data: Logger.Metadata = [:]
        for field in entry.fields { data[field.key] = field.value.metadata }
        if let error = entry.error {
            data["error"] = .string("\(error.type): \(error.message)")
        }
        self.init(
            time: entry.time, level: entry.level, category: entry.logger, message: entry.message,
            data: data)
    }
}
