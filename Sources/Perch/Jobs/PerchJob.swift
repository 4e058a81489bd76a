extension Perch {
    /// Runs a job of the process that ``bootstrap(_:configure:)`` made observable: lines, spans,
    /// metrics, status; see ``Jobs/run(_:options:isolation:_:)``.
    ///
    ///     try await Perch.job("scan", schedule: "0 * * * *") { step in
    ///         try await step.step("fetch") { … }
    ///     }
    ///
    /// Before the bootstrap the body runs all the same, and nothing tells of it.
    public static func job<Answer>(
        _ name: String, schedule: String? = nil, options: JobOptions = JobOptions(),
        isolation: isolated (any Actor)? = #isolation, _ body: (JobRun) async throws -> Answer
    ) async throws -> Answer {
        var options = options
        options.schedule = schedule ?? options.schedule
        guard let service = current else {
            var silent = PerchOptions()
            silent.logs.format = .none
            return try await PerchService(silent).jobs.run(
                name, options: options, isolation: isolation, body)
        }
        return try await service.jobs.run(
            name, options: options, isolation: isolation, body)
    }
}
