import Logging
import PerchModel

/// What all reports of a process say of it.
struct ErrorIdentity: Sendable {
    var service: String
    var release: String?
    var environment: String?
    var serverName: String?

    init(_ options: PerchOptions) {
        service = options.service
        release = options.version
        environment = options.environment
        serverName = options.errors.serverName
    }
}

/// A report as the JSON of an `event` item.
///
/// Source: Sentry's developer documentation, "Event payloads" and its interfaces.
enum EventPayload {
    static func bytes(_ report: ErrorReport, _ identity: ErrorIdentity) -> [UInt8] {
        var output = JSONOutput()
        output.object { output in
            output.text("event_id", report.id)
            output.time("timestamp", report.time)
            output.text("platform", "native")
            output.text("level", report.level.sentryName)
            output.text("logger", identity.service)
            output.text("server_name", identity.serverName)
            output.text("release", report.release ?? identity.release)
            output.text("environment", report.environment ?? identity.environment)
            output.text("transaction", report.transaction)
            if let message = report.message {
                output.object("logentry") { $0.text("formatted", message) }
            }
            if let user = report.user { output.object("user") { $0.text("id", user) } }
            output.texts("tags", tags(of: report, identity))
            output.metadata("extra", report.extras)
            if !report.fingerprint.isEmpty {
                output.array("fingerprint") { output in
                    for part in report.fingerprint { output.string(part) }
                }
            }
            exception(report, to: &output)
            stack(report, to: &output)
            breadcrumbs(report.breadcrumbs, to: &output)
            contexts(report, to: &output)
            images(report.images, to: &output)
            output.object("sdk") { output in
                let words = ErrorLimits.client.split(separator: "/")
                output.text("name", words.first.map(String.init))
                output.text("version", words.last.map(String.init))
            }
        }
        return output.bytes
    }

    private static func tags(
        of report: ErrorReport, _ identity: ErrorIdentity
    ) -> [String: String] {
        var tags = report.tags
        tags["category"] = report.category
        tags["service"] = identity.service
        if let id = report.work?.requestID { tags["request_id"] = id }
        if let id = report.work?.jobID { tags["job_id"] = id }
        return tags
    }

    /// The chain in the order of the wire: what caused it first, the error itself last.
    private static func exception(_ report: ErrorReport, to output: inout JSONOutput) {
        guard !report.failures.isEmpty else { return }
        output.object("exception") { output in
            output.array("values") { output in
                for (index, failure) in report.failures.enumerated().reversed() {
                    output.object { output in
                        output.text("type", failure.type)
                        output.text("value", failure.message)
                        output.text("module", failure.module)
                        output.object("mechanism") { output in
                            output.text(
                                "type", index == 0 ? report.mechanism.rawValue : "chained")
                            output.flag("handled", report.isHandled)
                            output.number("exception_id", index)
                            if index > 0 { output.number("parent_id", index - 1) }
                        }
                        frames(failure.frames, to: &output)
                    }
                }
            }
        }
    }

    /// The stack of a message, which has no error to hang on.
    private static func stack(_ report: ErrorReport, to output: inout JSONOutput) {
        guard report.failures.isEmpty, !report.frames.isEmpty else { return }
        output.object("threads") { output in
            output.array("values") { output in
                output.object { output in
                    output.number("id", 0)
                    output.flag("current", true)
                    output.flag("crashed", false)
                    frames(report.frames, to: &output)
                }
            }
        }
    }

    /// Frames in the order of the wire: the outermost first.
    private static func frames(_ frames: [StackFrame], to output: inout JSONOutput) {
        guard !frames.isEmpty else { return }
        output.object("stacktrace") { output in
            output.array("frames") { output in
                for frame in frames.reversed() {
                    output.object { output in
                        output.text("function", frame.function)
                        output.text("module", frame.module)
                        output.text("filename", frame.file.map(name(of:)))
                        output.text("abs_path", frame.file)
                        output.number("lineno", frame.line)
                        output.number("colno", frame.column)
                        output.text("package", frame.image)
                        output.text("instruction_addr", frame.address.map(hex))
                        output.flag("in_app", frame.isInApp)
                    }
                }
            }
        }
    }

    private static func breadcrumbs(_ crumbs: [Breadcrumb], to output: inout JSONOutput) {
        guard !crumbs.isEmpty else { return }
        output.object("breadcrumbs") { output in
            output.array("values") { output in
                for crumb in crumbs {
                    output.object { output in
                        output.time("timestamp", crumb.time)
                        let isRequest = crumb.data["method"] != nil && crumb.data["path"] != nil
                        output.text("type", isRequest ? "http" : "default")
                        output.text("level", crumb.level.sentryName)
                        output.text("category", crumb.category)
                        output.text("message", crumb.message)
                        output.metadata("data", crumb.data)
                    }
                }
            }
        }
    }

    private static func contexts(_ report: ErrorReport, to output: inout JSONOutput) {
        output.object("contexts") { output in
            if let span = report.span {
                output.object("trace") { output in
                    output.text("trace_id", span.traceID.description)
                    output.text("span_id", span.spanID.description)
                }
            }
            output.object("runtime") { $0.text("name", "swift") }
            output.object("os") { $0.text("name", "Linux") }
        }
    }

    /// What a server needs to read addresses that this process could not.
    private static func images(_ images: [BinaryImage], to output: inout JSONOutput) {
        guard !images.isEmpty else { return }
        output.object("debug_meta") { output in
            output.array("images") { output in
                for image in images {
                    output.object { output in
                        output.text("type", "elf")
                        output.text("code_file", image.path)
                        output.text("code_id", image.buildID)
                        output.text("image_addr", hex(image.start))
                        output.number("image_size", image.end &- image.start)
                    }
                }
            }
        }
    }

    private static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static func hex(_ address: UInt64) -> String {
        "0x" + Hex.encode(address.bigEndianBytes)
    }
}

extension Logger.Level {
    /// A level as the protocol names it.
    var sentryName: String {
        switch self {
        case .trace, .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warning"
        case .error: "error"
        case .critical: "fatal"
        }
    }
}
