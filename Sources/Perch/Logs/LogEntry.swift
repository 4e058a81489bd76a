import Instrumentation
import Logging

/// A log line after merging, redaction and trimming: what all outputs show.
struct LogEntry: Sendable {
    var time: Int64
    var level: Logger.Level
    var message: String
    var logger: String
    /// In the order of writing; each key once.
    var fields: [LogField]
    var error: ErrorText?
    var span: SpanContext?
    var work: WorkContext?
}

/// A field of a line that the application named.
struct LogField: Sendable {
    let plan: FieldPlan
    var value: LogValue

    init(plan: FieldPlan, value: LogValue) {
        self.plan = plan
        self.value = value
    }

    init(key: String, value: Logger.MetadataValue) {
        self.init(plan: FieldPlan(name: key), value: LogValue(value))
    }

    var key: String { plan.name }
}

/// An error as text (LOG-11).
struct ErrorText: Sendable, Hashable {
    var type: String
    var message: String
    /// The calls that led to it, a line each; empty where they are not known.
    var stack = ""

    init(type: String, message: String, stack: String) {
        self.type = type
        self.message = message
        self.stack = stack
    }

    init(_ error: any Error) {
        type = String(reflecting: Swift.type(of: error))
        message = String(describing: error)
    }
}

extension LogOptions {
    /// The entry of an event, or nil when sampling leaves it out.
    func entry(
        _ event: LogEvent, label: String, handler: Logger.Metadata,
        provided: Logger.Metadata?, time: Int64, plans: FieldPlans
    ) -> LogEntry? {
        if let policy = policy(of: event, handler) {
            var options = self
            options.redaction = policy
            options.redactionByEvent = [:]
            return options.entry(
                event, label: label, handler: handler, provided: provided, time: time,
                plans: FieldPlans(options: options))
        }
        let context = ServiceContext.current
        var entry = LogEntry(
            time: time, level: event.level, message: clean(event.message.description),
            logger: label, fields: [], error: event.error.map(ErrorText.init),
            span: context?.spanContext, work: context?.work)
        if let text = entry.error?.message { entry.error?.message = clean(text) }
        let own = event.metadata ?? [:]
        let given = provided ?? [:]
        entry.fields.reserveCapacity(handler.count + given.count + own.count)
        let known = plans.all
        // The nearest to the call counts.
        for (key, value) in own { add(known[key] ?? plans.plan(of: key), value, to: &entry) }
        for (key, value) in given where own[key] == nil {
            add(known[key] ?? plans.plan(of: key), value, to: &entry)
        }
        for (key, value) in handler where own[key] == nil && given[key] == nil {
            add(known[key] ?? plans.plan(of: key), value, to: &entry)
        }
        guard keeps(entry) else { return nil }
        return entry
    }

    /// What holds for an event instead of the rest (RED-8).
    private func policy(of event: LogEvent, _ handler: Logger.Metadata) -> Redaction? {
        guard !redactionByEvent.isEmpty else { return nil }
        for key in ["event", sampling.securityField] {
            guard let name = event.metadata?[key] ?? handler[key] else { continue }
            if let policy = redactionByEvent[name.description] { return policy }
        }
        return redactionByEvent[event.message.description]
    }

    private func add(_ plan: FieldPlan, _ value: Logger.MetadataValue, to entry: inout LogEntry) {
        let shown: LogValue =
            plan.isDenied ? .text(redaction.replacement(of: value.description)) : shown(value)
        entry.fields.append(LogField(plan: plan, value: shown))
    }

    private func shown(_ value: Logger.MetadataValue) -> LogValue {
        switch value {
        case .string(let text): .text(clean(text))
        case .stringConvertible(let convertible):
            LogValue(plain: convertible) ?? .text(clean(convertible.description))
        case .array, .dictionary: .nested(shown(value, depth: 0))
        }
    }

    private func keeps(_ entry: LogEntry) -> Bool {
        guard !sampling.isOff, entry.level < .warning else { return true }
        var route: String?
        var isSecurity = false
        for field in entry.fields {
            if field.key == "route" || field.key == "path" && route == nil {
                route = field.value.description
            }
            if field.key == sampling.securityField { isSecurity = true }
        }
        return sampling.keeps(route: route, isSecurity: isSecurity) { .random(in: 0..<1) }
    }

    /// A value without what must not leave, and not larger than allowed.
    func shown(
        _ value: Logger.MetadataValue, key: String, depth: Int
    ) -> Logger.MetadataValue {
        redaction.isDenied(key)
            ? .string(redaction.replacement(of: value.description)) : shown(value, depth: depth)
    }

    private func shown(_ value: Logger.MetadataValue, depth: Int) -> Logger.MetadataValue {
        switch value {
        case .string(let text): return .string(clean(text))
        case .stringConvertible(let convertible):
            return LogValue(plain: convertible) == nil
                ? .string(clean(convertible.description)) : value
        case .array(let values):
            guard depth < depthMax else { return .string("…") }
            var shown = values.prefix(elementsMax).map { self.shown($0, key: "", depth: depth + 1) }
            if values.count > elementsMax {
                shown.append(.string("… \(values.count - elementsMax) more"))
            }
            return .array(shown)
        case .dictionary(let values):
            guard depth < depthMax else { return .string("…") }
            var shown: Logger.Metadata = [:]
            for (key, value) in values.sorted(by: { $0.key < $1.key }).prefix(elementsMax) {
                shown[key] = self.shown(value, key: key, depth: depth + 1)
            }
            if values.count > elementsMax {
                shown["…"] = .string("\(values.count - elementsMax) more")
            }
            return .dictionary(shown)
        }
    }

    func clean(_ text: String) -> String {
        var text = text
        if text.utf8.count > textByteCountMax {
            // Cut before looking: what is looked at is bounded.
            text = String(decoding: text.utf8.prefix(textByteCountMax), as: UTF8.self) + "…"
        }
        guard redaction.looksAtTexts, let masked = redaction.masked(text) else { return text }
        return masked
    }
}
