import Instrumentation

/// A run of a job as a monitor of Sentry's protocol is told of it: once when it starts, once when
/// it is over.
///
/// Source: Sentry's developer documentation, "Check-Ins".
struct CheckIn: Sendable {
    enum Status: String, Sendable {
        case inProgress = "in_progress"
        case ok
        case error
    }

    /// 32 hex digits, the same for start and end.
    var id: String
    /// The name of the monitor.
    var monitor: String
    var status: Status
    /// Nanoseconds; known at the end.
    var duration: Int64?
    /// As people write it; a monitor is made out of a crontab's five fields.
    var schedule: String?
    var lateAfter: Duration?
    var durationMax: Duration?
    var trace: TraceID?

    func payload(_ identity: ErrorIdentity) -> [UInt8] {
        var output = JSONOutput()
        output.object { output in
            output.text("check_in_id", id)
            output.text("monitor_slug", monitor)
            output.text("status", status.rawValue)
            if let duration { output.time("duration", duration) }
            output.text("release", identity.release)
            output.text("environment", identity.environment)
            if let schedule, Self.isCrontab(schedule) {
                output.object("monitor_config") { output in
                    output.object("schedule") { output in
                        output.text("type", "crontab")
                        output.text("value", schedule)
                    }
                    output.number("checkin_margin", lateAfter.map(Self.minutes))
                    output.number("max_runtime", durationMax.map(Self.minutes))
                    output.text("timezone", "UTC")
                }
            }
            if let trace {
                output.object("contexts") { output in
                    output.object("trace") { $0.text("trace_id", trace.description) }
                }
            }
        }
        return output.bytes
    }

    private static func isCrontab(_ schedule: String) -> Bool {
        let fields = schedule.split(separator: " ")
        return fields.count == 5
            && fields.allSatisfy { $0.utf8.allSatisfy { "0123456789*/,-".utf8.contains($0) } }
    }

    /// Whole minutes, at least one.
    private static func minutes(_ duration: Duration) -> Int64 {
        max(1, (duration.components.seconds &+ 59) / 60)
    }
}
