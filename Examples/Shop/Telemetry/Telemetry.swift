/// The telemetry of one service: spans, logs and metrics under its resource.
///
/// Everything here returns at once; the exporter sends later.
struct Telemetry: Sendable {
    /// The span that the current task works in.
    @TaskLocal static var active: Span?

    let recorder: Recorder
    /// The index of this service in the recorder's resources.
    let service: Int

    /// Where a span belongs.
    enum Parent: Sendable {
        case active
        case remote(TraceContext)
        case none
    }

    var now: Int64 { recorder.clock() }

    /// Runs `body` in a span; an error that leaves `body` is recorded in it.
    func span<Result>(
        _ name: String, _ kind: SpanKind = .internal, parent: Parent = .active,
        links: [TraceContext] = [], attributes: Attributes = [:], file: String = #fileID,
        function: String = #function, line: Int = #line,
        _ body: (Span) async throws -> Result
    ) async rethrows -> Result {
        let site = CallSite(file: file, function: function, line: line)
        let span = open(name, kind, parent, Telemetry.active, links, attributes, site)
        defer { recorder.spans.append(span.finished(at: now, service: service)) }
        do {
            return try await Telemetry.$active.withValue(span) { try await body(span) }
        } catch {
            span.record(error, at: now)
            throw error
        }
    }

    /// The same for synchronous work that may run outside the task, so it names the span around.
    func span<Result>(
        _ name: String, _ kind: SpanKind, inside enclosing: Span?, attributes: Attributes,
        file: String = #fileID, function: String = #function, line: Int = #line,
        _ body: (Span) throws -> Result
    ) rethrows -> Result {
        let site = CallSite(file: file, function: function, line: line)
        let span = open(name, kind, .active, enclosing, [], attributes, site)
        defer { recorder.spans.append(span.finished(at: now, service: service)) }
        do {
            return try body(span)
        } catch {
            span.record(error, at: now)
            throw error
        }
    }

    /// Writes a log record, tied to the active span.
    func log(
        _ severity: Severity, _ body: String, event: String? = nil, attributes: Attributes = [:]
    ) {
        recorder.logs.append(
            LogRecord(
                service: service, time: now, severity: severity, body: body, eventName: event,
                attributes: attributes, context: Telemetry.active?.context))
    }

    /// Writes an error log with the exception attributes that error tracking looks for.
    func log(
        _ severity: Severity, _ body: String, error: any Error, attributes: Attributes = [:]
    ) {
        let report = ErrorReport(error)
        var all = attributes.merging(report.attributes) { given, _ in given }
        if let active = Telemetry.active {
            all["exception.stacktrace"] = .string(active.stackTrace(of: report))
        }
        log(severity, body, attributes: all)
    }

    func counter(_ instrument: Instrument, add amount: Double, attributes: Attributes = [:]) {
        record(instrument, amount, attributes)
    }

    func gauge(_ instrument: Instrument, set value: Double, attributes: Attributes = [:]) {
        record(instrument, value, attributes)
    }

    func histogram(_ instrument: Instrument, record value: Double, attributes: Attributes = [:]) {
        record(instrument, value, attributes)
    }

    /// The seconds since `start`, for a duration histogram.
    func seconds(since start: Int64) -> Double {
        Double(max(0, now - start)) / 1e9
    }

    private func record(_ instrument: Instrument, _ value: Double, _ attributes: Attributes) {
        recorder.record(
            instrument, value, service: service, attributes: attributes,
            context: Telemetry.active?.context)
    }

    private func open(
        _ name: String, _ kind: SpanKind, _ parent: Parent, _ enclosing: Span?,
        _ links: [TraceContext], _ attributes: Attributes, _ site: CallSite
    ) -> Span {
        let parentContext: TraceContext? =
            switch parent {
            case .active: enclosing?.context
            case .remote(let context): context
            case .none: nil
            }
        return Span(
            name: name, kind: kind, context: parentContext?.child() ?? .root(),
            parentSpanID: parentContext?.spanID, links: links, attributes: attributes,
            started: now, enclosing: enclosing, site: site)
    }
}
