import ServiceLifecycle

/// `shop-worker`: takes jobs from the queue, runs their steps, retries, gives up.
struct Worker: Service {
    let queue: JobQueue
    let steps: JobSteps
    let telemetry: Telemetry
    let conditions: Conditions

    private var seconds: Int64 { telemetry.now / 1_000_000_000 }

    /// Stops with the jobs in hand done; the others stay in the queue.
    func run() async throws {
        try await queue.recover()
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let took = await round()
            if !took { await conditions.work(for: .milliseconds(250)) }
        }
    }

    /// One look at the queue; false when there was nothing to do.
    private func round() async -> Bool {
        do {
            guard try await queue.hasDueJobs(seconds: seconds) else { return false }
            let jobs = try await telemetry.span(
                "receive jobs", .consumer, parent: .none,
                attributes: messaging("receive")
            ) { span in
                let jobs = try await queue.take(atMost: Limits.jobsAtOnceMax, seconds: seconds)
                span["messaging.batch.message_count"] = .int(jobs.count)
                return jobs
            }
            await withDiscardingTaskGroup { group in
                for job in jobs {
                    group.addTask { await process(job) }
                }
            }
            return !jobs.isEmpty
        } catch {
            telemetry.log(.error, "The queue cannot be read: \(error)", error: error)
            return false
        }
    }

    /// A trace of its own, linked to the request that enqueued the job.
    private func process(_ job: Job) async {
        let start = telemetry.now
        var attributes = messaging("process")
        attributes["job_id"] = .int(Int(job.id))
        attributes["job.kind"] = .string(job.kind)
        attributes["job.attempt"] = .int(job.attempts)
        attributes["order.id"] = .int(Int(job.orderID))
        attributes["shop_id"] = .string(job.shopID)
        attributes["messaging.message.id"] = .string(String(job.id))
        var outcome = "done"
        do {
            try await telemetry.span(
                "process \(job.kind)", .consumer, parent: .none,
                links: job.origin.map { [$0] } ?? [], attributes: attributes
            ) { span in
                do {
                    try await runSteps(of: job)
                } catch let failure as StepFailure {
                    span.record(failure.cause, at: telemetry.now)
                    outcome = try await handle(failure, of: job)
                }
                span["job.outcome"] = .string(outcome)
            }
        } catch {
            outcome = "lost"
            telemetry.log(
                .error, "Job \(job.id) could not be put back: \(error)", error: error,
                attributes: ["job_id": .int(Int(job.id))])
        }
        let labels: Attributes = ["job.kind": .string(job.kind), "outcome": .string(outcome)]
        telemetry.counter(.jobs, add: 1, attributes: labels)
        telemetry.histogram(
            .jobDuration, record: telemetry.seconds(since: start), attributes: labels)
    }

    private struct StepFailure: Error {
        let stepsDone: Int
        let step: String
        let cause: any Error
    }

    private func runSteps(of job: Job) async throws {
        for (index, step) in JobStep.allCases.enumerated() where index >= job.stepsDone {
            do {
                try await telemetry.span(
                    step.rawValue, attributes: ["job.step": .string(step.rawValue)]
                ) { _ in try await steps.run(step, of: job) }
            } catch {
                throw StepFailure(stepsDone: index, step: step.rawValue, cause: error)
            }
        }
        do {
            try await queue.finish(job)
        } catch {
            throw StepFailure(stepsDone: JobStep.allCases.count, step: "finish", cause: error)
        }
        telemetry.log(
            .info, "Order \(job.orderID) fulfilled",
            attributes: fields(of: job).merging([
                "wait_s": .int(Int(max(0, seconds - job.enqueuedAt)))
            ]) { _, new in new })
    }

    /// Decides between another try and a dead letter; returns the outcome's name.
    private func handle(_ failure: StepFailure, of job: Job) async throws -> String {
        let isLast = job.attempts >= Limits.jobAttemptsMax
        var fields = fields(of: job)
        fields["job.step"] = .string(failure.step)
        // 2, 4, 8 seconds: the queue recovers before the retries do.
        let retryAt = isLast ? nil : seconds + (Int64(1) << Int64(min(job.attempts, 6)))
        try await queue.fail(
            job, stepsDone: failure.stepsDone, error: String(describing: failure.cause),
            retryAt: retryAt)
        if isLast {
            telemetry.log(
                .error, "Job \(job.id) is a dead letter after \(job.attempts) attempts",
                error: failure.cause, attributes: fields)
            return "dead"
        }
        telemetry.log(
            .warn, "Job \(job.id) failed in \(failure.step), will be tried again",
            error: failure.cause, attributes: fields)
        return "retry"
    }

    private func fields(of job: Job) -> Attributes {
        [
            "job_id": .int(Int(job.id)), "job.attempt": .int(job.attempts),
            "order.id": .int(Int(job.orderID)), "shop_id": .string(job.shopID),
        ]
    }

    private func messaging(_ operation: String) -> Attributes {
        [
            "messaging.system": "sqlite", "messaging.destination.name": "jobs",
            "messaging.operation.type": .string(operation),
        ]
    }
}
