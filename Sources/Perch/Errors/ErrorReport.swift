public import Logging

/// What is known of an error, as it leaves the process.
public struct ErrorReport: Sendable {
    /// One error of a chain.
    public struct Failure: Sendable {
        /// The type, such as `PaymentError`.
        public var type: String
        /// Where the type is declared.
        public var module: String?
        /// What the error says.
        public var message: String
        /// The stack, the innermost frame first; empty when it is not known.
        public var frames: [StackFrame] = []
    }

    /// How a report came to be.
    public enum Mechanism: String, Sendable {
        /// The application called for it.
        case captured = "generic"
        /// It ended a request.
        case request = "http"
        /// It ended a job.
        case job
        /// It ended the main task.
        case main
        /// It ended the process.
        case signal = "signalhandler"
    }

    /// 32 hex digits.
    public var id: String
    /// Nanoseconds since 1970.
    public var time: Int64
    /// How bad it is.
    public var level = Logger.Level.error
    /// A message in place of an error, or beside it.
    public var message: String?
    /// The error, then what caused it, and so on.
    public var failures: [Failure] = []
    /// The stack of a message.
    public var frames: [StackFrame] = []
    /// How it came to be.
    public var mechanism = Mechanism.captured
    /// Whether somebody went on after it.
    public var isHandled = true
    /// What it is by the rules (ERR-11).
    public var category = ErrorCategoryRule.unknown
    /// Whose it is: never a name or an address (ERR-6, RED-7).
    public var user: String?
    /// Short texts that issues are searched by.
    public var tags: [String: String] = [:]
    /// Anything else.
    public var extras: Logger.Metadata = [:]
    /// What makes reports one issue, instead of their stacks.
    public var fingerprint: [String] = []
    /// What was done, such as `GET /orders/{id}`.
    public var transaction: String?
    /// What happened before, the oldest first.
    public var breadcrumbs: [Breadcrumb] = []
    /// The trace and span that it happened in.
    public var span: SpanContext?
    /// The request or job that it happened in.
    public var work: WorkContext?
    /// The release that it happened in, where it is not the one that reports.
    public var release: String?
    /// The environment that it happened in, where it is not the one that reports.
    public var environment: String?
    /// Modules of a process that died.
    var images: [BinaryImage] = []
}

/// Something that happened before an error (ERR-5).
public struct Breadcrumb: Sendable {
    /// Nanoseconds since 1970.
    public var time: Int64
    /// How important it was.
    public var level: Logger.Level
    /// Who said it.
    public var category: String
    /// What it was.
    public var message: String
    /// More of it.
    public var data: Logger.Metadata

    /// Makes a breadcrumb.
    public init(
        time: Int64, level: Logger.Level, category: String, message: String,
        data: Logger.Metadata = [:]
    ) {
        self.time = time
        self.level = level
        self.category = category
        self.message = message
        self.data = data
    }
}

/// One call of a stack.
public struct StackFrame: Sendable, Hashable {
    /// The function, demangled.
    public var function: String?
    /// The module that it belongs to.
    public var module: String?
    /// The source file.
    public var file: String?
    /// The line in the file.
    public var line: Int?
    /// The column in the line.
    public var column: Int?
    /// The path of the program or library.
    public var image: String?
    /// Where in memory.
    public var address: UInt64?
    /// Whether it is the application's own code.
    public var isInApp = false

    /// Makes a frame.
    public init(function: String?) {
        self.function = function
    }
}

/// A program or library as it was loaded.
struct BinaryImage: Sendable, Hashable {
    var path: String
    /// The build id, in hex.
    var buildID: String?
    var start: UInt64
    var end: UInt64
}
