public import Logging

/// What reports of a task say besides the error (ERR-7).
///
/// It belongs to the task and to tasks inside it, so that requests do not see each other's.
public struct ErrorScope: Sendable {
    /// Whose work it is: an id, never a name or an address (ERR-6, RED-7).
    public var user: String?
    /// Short texts that issues are searched by.
    public var tags: [String: String] = [:]
    /// Anything else.
    public var extras: Logger.Metadata = [:]
    /// What makes reports one issue, instead of their stacks.
    public var fingerprint: [String] = []
    /// How bad reports are, where a call does not say.
    public var level: Logger.Level?
    /// What is done, such as `GET /orders/{id}`.
    public var transaction: String?

    /// Makes an empty scope.
    public init() {}

    /// The scope of the current task.
    public static var current: ErrorScope { taskScope ?? ErrorScope() }

    @TaskLocal private static var taskScope: ErrorScope?

    /// Runs a body in a scope that `change` makes of the current one.
    public static func with<Answer>(
        _ change: (inout ErrorScope) -> Void, _ body: () throws -> Answer
    ) rethrows -> Answer {
        var scope = current
        change(&scope)
        return try $taskScope.withValue(scope, operation: body)
    }

    /// Runs a body in a scope that `change` makes of the current one.
    public static func with<Answer>(
        _ change: (inout ErrorScope) -> Void, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Answer
    ) async rethrows -> Answer {
        var scope = current
        change(&scope)
        return try await $taskScope.withValue(scope, operation: body, isolation: isolation)
    }
}
