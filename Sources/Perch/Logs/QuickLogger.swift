public import Logging
public import Synchronization

/// A logger for places that run often: a level that is off costs a load and a comparison.
///
/// swift-log's `Logger` asks its backend each time, through a copy of it, which takes about
/// 20 ns. This one looks at the level of the process, ``LogSystem/level``, and hands on what is on;
/// a level that was set for ``logger`` alone does not count.
///
///     let log = perch.quickLogger("cache")
///     log.debug("Hit", metadata: ["key": "\(key)"])
public struct QuickLogger: Sendable {
    /// The logger that lines go to; its metadata are theirs.
    public var logger: Logger
    @usableFromInline let system: LogSystem

    init(_ label: String, _ system: LogSystem) {
        self.system = system
        logger = Logger(label: label, factory: { system.handler(label: $0) })
    }

    /// Whether lines of a level are written.
    @inlinable
    public func isEnabled(_ level: Logger.Level) -> Bool {
        system.levelValue.load(ordering: .relaxed) <= level.order
    }

    /// Writes a line if its level is on.
    @inlinable
    public func log(
        level: Logger.Level, _ message: @autoclosure () -> Logger.Message,
        error: @autoclosure () -> (any Error)? = nil,
        metadata: @autoclosure () -> Logger.Metadata? = nil,
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        guard isEnabled(level) else { return }
        logger.log(
            level: level, message(), error: error(), metadata: metadata(), file: file,
            function: function, line: line)
    }

    /// Writes a line of level trace if that is on.
    @inlinable
    public func trace(
        _ message: @autoclosure () -> Logger.Message,
        error: @autoclosure () -> (any Error)? = nil,
        metadata: @autoclosure () -> Logger.Metadata? = nil,
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(
            level: .trace, message(), error: error(), metadata: metadata(), file: file,
            function: function, line: line)
    }

    /// Writes a line of level debug if that is on.
    @inlinable
    public func debug(
        _ message: @autoclosure () -> Logger.Message,
        error: @autoclosure () -> (any Error)? = nil,
        metadata: @autoclosure () -> Logger.Metadata? = nil,
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(
            level: .debug, message(), error: error(), metadata: metadata(), file: file,
            function: function, line: line)
    }

    /// Writes a line of level info if that is on.
    @inlinable
    public func info(
        _ message: @autoclosure () -> Logger.Message,
        error: @autoclosure () -> (any Error)? = nil,
        metadata: @autoclosure () -> Logger.Metadata? = nil,
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(
            level: .info, message(), error: error(), metadata: metadata(), file: file,
            function: function, line: line)
    }

    /// Writes a line of level notice if that is on.
    @inlinable
    public func notice(
        _ message: @autoclosure () -> Logger.Message,
        error: @autoclosure () -> (any Error)? = nil,
        metadata: @autoclosure () -> Logger.Metadata? = nil,
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(
            level: .notice, message(), error: error(), metadata: metadata(), file: file,
            function: function, line: line)
    }

    /// Writes a line of level warning if that is on.
    @inlinable
    public func warning(
        _ message: @autoclosure () -> Logger.Message,
        error: @autoclosure () -> (any Error)? = nil,
        metadata: @autoclosure () -> Logger.Metadata? = nil,
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(
            level: .warning, message(), error: error(), metadata: metadata(), file: file,
            function: function, line: line)
    }

    /// Writes a line of level error if that is on.
    @inlinable
    public func error(
        _ message: @autoclosure () -> Logger.Message,
        error: @autoclosure () -> (any Error)? = nil,
        metadata: @autoclosure () -> Logger.Metadata? = nil,
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(
            level: .error, message(), error: error(), metadata: metadata(), file: file,
            function: function, line: line)
    }

    /// Writes a line of level critical if that is on.
    @inlinable
    public func critical(
        _ message: @autoclosure () -> Logger.Message,
        error: @autoclosure () -> (any Error)? = nil,
        metadata: @autoclosure () -> Logger.Metadata? = nil,
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(
            level: .critical, message(), error: error(), metadata: metadata(), file: file,
            function: function, line: line)
    }
}
