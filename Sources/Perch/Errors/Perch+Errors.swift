public import Logging

extension Perch {
    /// Reports an error (ERR-1); answers the id of the report, or nil before
    /// ``bootstrap(_:configure:)``.
    ///
    ///     do { try await charge(order) } catch { Perch.capture(error) }
    @discardableResult
    public static func capture(_ error: any Error, level: Logger.Level? = nil) -> String? {
        current?.errors.capture(error, level: level)
    }

    /// Reports a message; answers the id of the report, or nil before
    /// ``bootstrap(_:configure:)``.
    @discardableResult
    public static func capture(message: String, level: Logger.Level = .info) -> String? {
        current?.errors.capture(message: message, level: level)
    }

    /// Runs a body whose reports have what `change` adds: user, tags, extras (ERR-7).
    public static func withScope<Answer>(
        _ change: (inout ErrorScope) -> Void, _ body: () throws -> Answer
    ) rethrows -> Answer {
        try ErrorScope.with(change, body)
    }

    /// Runs a body whose reports have what `change` adds: user, tags, extras (ERR-7).
    public static func withScope<Answer>(
        _ change: (inout ErrorScope) -> Void, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Answer
    ) async rethrows -> Answer {
        try await ErrorScope.with(change, isolation: isolation, body)
    }

    /// Runs the main task's work; an error that leaves it is reported, and sent, before it goes on
    /// and ends the process.
    ///
    ///     try await Perch.reportingErrors { try await group.run() }
    public static func reportingErrors<Answer>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await body()
        } catch {
            if let current, !(error is CancellationError) {
                current.errors.captureFatal(error)
                await current.flush()
            }
            throw error
        }
    }
}
