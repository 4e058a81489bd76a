import CPerchCrash
import Logging
import PerchModel
import SystemPackage

/// Leaves a report when this process dies, and sends those that earlier ones left.
final class CrashReports: Sendable {
    private let folder: String
    private let name: String
    private let file: FileDescriptor

    /// Makes this process's file and installs the handler; nil when there is no place for it.
    ///
    /// Once a process: signals belong to all of it.
    init?(options: CrashOptions, id: String, identity: ErrorIdentity, sessions: SessionCounter) {
        guard options.isOn else { return nil }
        let folder = Self.folder(options)
        name = "\(cperchcrash_process())-\(id)\(CrashFile.suffix)"
        guard let file = CrashFile.create(folder: folder, name: name) else { return nil }
        self.folder = folder
        self.file = file
        var story = CrashStory(id: id, session: sessions.id, start: sessions.startTime)
        story.release = identity.release
        story.environment = identity.environment
        story.images = CrashStack.images
        guard (try? file.writeAll(story.header)) != nil,
            CrashFile.install(file, path: "\(folder)/\(name)")
        else {
            CrashFile.remove(folder: folder, name: name)
            return nil
        }
    }

    /// A folder for this user alone, where the application names none.
    static func folder(_ options: CrashOptions) -> String {
        options.folder.map { "\($0)/perch-crash" } ?? "/tmp/perch-crash-\(cperchcrash_user())"
    }

    /// Gives the calling thread a stack of its own for the handler.
    ///
    /// Without it nothing is left of a thread whose stack is full.
    static func prepareThread() { cperchcrash_thread() }

    /// Keeps a log line for the report.
    static func note(_ entry: LogEntry) {
        cperchcrash_thread()
        // By hand, with one piece of memory: this is on the path of each log line.
        var line: [UInt8] = []
        line.reserveCapacity(512)
        line.append(contentsOf: #"{"time":"#.utf8)
        line.append(contentsOf: String(entry.time).utf8)
        line.append(contentsOf: #","level":""#.utf8)
        line.append(contentsOf: entry.level.rawValue.utf8)
        line.append(contentsOf: #"","category":"#.utf8)
        JSONText.appendString(entry.logger, to: &line)
        if let span = entry.span {
            line.append(contentsOf: #","trace":""#.utf8)
            span.traceID.appendHex(to: &line)
            line.append(UInt8(ascii: "\""))
        }
        line.append(contentsOf: #","message":"#.utf8)
        if entry.message.utf8.count > 240 {
            JSONText.appendString(
                String(decoding: entry.message.utf8.prefix(240), as: UTF8.self), to: &line)
        } else {
            JSONText.appendString(entry.message, to: &line)
        }
        line.append(UInt8(ascii: "}"))
        CrashFile.note(line)
    }

    /// Says that the process ends as it should: what comes later is no broken session.
    func ended() { _ = try? file.writeAll(CrashStory.ended) }

    /// Writes no report any more: it was made in another way.
    static func disarm() { cperchcrash_arm(0) }

    /// Hands on what processes left that are gone; each file goes when its report has arrived.
    static func collect(_ options: CrashOptions, to reporter: ErrorReporter) {
        let folder = folder(options)
        for name in CrashFile.names(folder: folder).sorted().prefix(ErrorLimits.crashFilesMax) {
            // A file that is locked belongs to a process that lives.
            guard let file = CrashFile.claim(folder: folder, name: name) else { continue }
            let story = CrashStory(CrashFile.read(file))
            // The lock lasts until the report has arrived.
            let remove: @Sendable (Bool) -> Void = { isDone in
                if isDone { CrashFile.remove(folder: folder, name: name) }
                try? file.close()
            }
            guard let story else {
                remove(true)
                continue
            }
            reporter.take(story, completed: remove)
        }
    }
}

extension CrashStory {
    /// The name of the signal.
    var signalName: String {
        let names = [
            4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 11: "SIGSEGV",
            31: "SIGSYS",
        ]
        return signal.flatMap { names[$0.number] } ?? "signal \(signal?.number ?? 0)"
    }

    /// What people call the signal, and the address that it is about.
    func message(innermost: StackFrame?, failure: String?) -> String {
        let address = signal.map { "0x" + String($0.address, radix: 16) } ?? ""
        let reason =
            switch signal?.number {
            case 4, 5:
                failure ?? (isFatalError(innermost) ? "Fatal error" : "Trap")
            case 6: "Abort"
            case 8: "Arithmetic error at \(address)"
            case 7, 11:
                isStackFull ? "Stack overflow" : "Bad memory access at \(address)"
            default: "Fatal signal"
            }
        guard let signal, signal.code <= 0, signal.number != 6 else { return reason }
        return "\(reason), sent by a process"
    }

    private func isFatalError(_ frame: StackFrame?) -> Bool {
        frame?.function?.contains("_assertionFailure") == true
            || frame?.function?.contains("_fatalErrorMessage") == true
    }

    /// Whether one function calls itself without end: nothing else makes a stack so deep.
    private var isStackFull: Bool {
        frames.count > 100 && Set(frames.suffix(64)).count <= 16
    }

    /// The breadcrumbs out of what was noted.
    var breadcrumbs: [Breadcrumb] {
        notes.compactMap { note in
            guard let value = JSONValue(note), let message = value["message"]?.text else {
                return nil
            }
            var crumb = Breadcrumb(
                time: value["time"].flatMap { Int64($0.text) } ?? start,
                level: value["level"].flatMap { Logger.Level(rawValue: $0.text) } ?? .info,
                category: value["category"]?.text ?? "", message: message)
            if let trace = value["trace"]?.text { crumb.data["trace_id"] = .string(trace) }
            return crumb
        }
    }
}
