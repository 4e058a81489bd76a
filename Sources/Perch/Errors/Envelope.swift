/// Items that are sent together.
///
/// Source: Sentry's developer documentation, "Envelopes".
struct Envelope: Sendable {
    /// One item.
    struct Item: Sendable {
        /// What it is.
        enum Kind: String, Sendable {
            case event
            case session
            case sessions
            case checkIn = "check_in"
            case clientReport = "client_report"

            /// The category that a server's rate limits name, nil for what none applies to.
            var category: String? {
                switch self {
                case .event: "error"
                case .session, .sessions: "session"
                case .checkIn: "monitor"
                case .clientReport: nil
                }
            }
        }

        var kind: Kind
        var payload: [UInt8]
    }

    /// The event's id, where one is in it.
    var eventID: String?
    var items: [Item]
    /// Told once whether it arrived or was refused for good; nil where it may be tried again when
    /// the process starts anew.
    var completed: (@Sendable (_ isDone: Bool) -> Void)?

    /// Bytes that it takes while it waits.
    var weight: Int { items.reduce(256) { $0 + $1.payload.count } }

    /// The bytes that are sent; `time` is when.
    func bytes(time: Int64) -> [UInt8] {
        var header = JSONOutput()
        header.object { output in
            output.text("event_id", eventID)
            var sent: [UInt8] = []
            var text = LogTime()
            text.append(time, to: &sent)
            output.text("sent_at", String(decoding: sent, as: UTF8.self))
            output.object("sdk") { output in
                let words = ErrorLimits.client.split(separator: "/")
                output.text("name", words.first.map(String.init))
                output.text("version", words.last.map(String.init))
            }
        }
        var bytes = header.bytes
        for item in items {
            var header = JSONOutput()
            header.object { output in
                output.text("type", item.kind.rawValue)
                output.text("content_type", "application/json")
                output.number("length", item.payload.count)
            }
            bytes.append(0x0a)
            bytes += header.bytes
            bytes.append(0x0a)
            bytes += item.payload
        }
        bytes.append(0x0a)
        return bytes
    }
}
