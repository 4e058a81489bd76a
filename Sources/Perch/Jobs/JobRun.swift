import CoreMetrics
import Instrumentation
import Logging
import Tracing

/// One run of a job, for its steps.
public struct JobRun: Sendable {
    /// The job's name.
    public let name: String
    /// The run's id, as log lines have it.
    public let id: String
    let tracer: PerchTracer
    let metrics: MetricRegistry
    let logger: Logger
    let clock: @Sendable () -> Int64

    /// Runs one step: lines, a span, and `pipeline_step_duration_seconds` (CM-5, JOB-9).
    ///
    /// What the body throws is thrown on.
    public func step<Answer>(
        _ step: String, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Answer
    ) async throws -> Answer {
        let span = tracer.startSpan(
            step, context: ServiceContext.current ?? .topLevel, ofKind: .internal)
        span.updateAttributes { attributes in
            attributes["job.name"] = name
            attributes["job.step"] = step
        }
        defer { span.end() }
        return try await ServiceContext.withValue(span.context) {
            let start = clock()
            let metadata: Logger.Metadata = ["job_name": .string(name), "step": .string(step)]
            logger.debug("Step started", metadata: metadata)
            do {
                let answer = try await body()
                record(step, "success", clock() &- start)
                logger.debug("Step completed", metadata: metadata)
                return answer
            } catch {
                record(step, "error", clock() &- start)
                logger.error("Step failed", error: error, metadata: metadata)
                span.recordError(error)
                span.setStatus(SpanStatus(code: .error))
                throw error
            }
        }
    }

    private func record(_ step: String, _ status: String, _ duration: Int64) {
        metrics.makeTimer(
            label: "pipeline_step_duration_seconds",
            dimensions: [("step", step), ("status", status)]
        ).recordNanoseconds(duration)
    }
}
