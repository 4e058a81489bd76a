import Logging

/// Takes out of a report what must not leave, and cuts what is too long (RED-6).
struct ReportCleaner: Sendable {
    let options: LogOptions

    func clean(_ report: inout ErrorReport) {
        report.message = report.message.map(text)
        for index in report.failures.indices {
            report.failures[index].message = text(report.failures[index].message)
        }
        report.user = report.user.map(text)
        report.transaction = report.transaction.map(text)
        report.fingerprint = report.fingerprint.prefix(ErrorLimits.fieldsMax).map(text)
        report.tags = tags(report.tags)
        report.extras = fields(report.extras)
        for index in report.breadcrumbs.indices {
            let crumb = report.breadcrumbs[index]
            report.breadcrumbs[index].message = text(crumb.message)
            report.breadcrumbs[index].data = fields(crumb.data)
        }
    }

    private func text(_ text: String) -> String {
        options.clean(
            text.utf8.count > ErrorLimits.textByteCountMax
                ? String(decoding: text.utf8.prefix(ErrorLimits.textByteCountMax), as: UTF8.self)
                : text)
    }

    private func tags(_ tags: [String: String]) -> [String: String] {
        var cleaned: [String: String] = [:]
        for (key, value) in tags.sorted(by: { $0.key < $1.key }).prefix(ErrorLimits.fieldsMax) {
            cleaned[key] =
                options.redaction.isDenied(key)
                ? options.redaction.replacement(of: value) : text(value)
        }
        return cleaned
    }

    private func fields(_ fields: Logger.Metadata) -> Logger.Metadata {
        var cleaned: Logger.Metadata = [:]
        for (key, value) in fields.sorted(by: { $0.key < $1.key }).prefix(ErrorLimits.fieldsMax) {
            cleaned[key] = options.shown(value, key: key, depth: 0)
        }
        return cleaned
    }
}

extension ErrorReport {
    /// The report as a line of the log, and so as an OTLP record with `exception.*` (ERR-13).
    var logEntry: LogEntry {
        var fields = [
            LogField(key: "error_id", value: .string(id)),
            LogField(key: "category", value: .string(category)),
        ]
        for (key, value) in tags.sorted(by: { $0.key < $1.key }) {
            fields.append(LogField(key: key, value: .string(value)))
        }
        for (key, value) in extras.sorted(by: { $0.key < $1.key }) {
            fields.append(LogField(key: key, value: value))
        }
        if !isHandled { fields.append(LogField(key: "handled", value: .stringConvertible(false))) }
        var work = work
        if let user {
            work = work ?? WorkContext()
            work?.userID = user
        }
        let first = failures.first
        let stack = Self.text(of: first?.frames ?? frames)
        return LogEntry(
            time: time, level: level,
            message: message ?? first.map { "\($0.type): \($0.message)" } ?? "error",
            logger: "errors", fields: fields,
            error: first.map {
                ErrorText(
                    type: [$0.module, $0.type].compactMap(\.self).joined(separator: "."),
                    message: $0.message, stack: stack + Self.causes(failures.dropFirst()))
            }, span: span, work: work)
    }

    /// A line for each call, the innermost first.
    private static func text(of frames: [StackFrame]) -> String {
        frames.map { frame in
            let name = frame.function ?? frame.address.map { "0x" + String($0, radix: 16) } ?? "?"
            let place = frame.file.map { file in
                " (\(file)" + (frame.line.map { ":\($0)" } ?? "") + ")"
            }
            return "  at \(name)\(place ?? "")\n"
        }.joined()
    }

    private static func causes(_ failures: ArraySlice<Failure>) -> String {
        failures.map { failure in
            "Caused by: \(failure.type): \(failure.message)\n" + text(of: failure.frames)
        }.joined()
    }
}
