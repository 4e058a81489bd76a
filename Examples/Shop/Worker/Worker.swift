import Logging
import Perch
import ServiceLifecycle

/// `shop-worker`: takes jobs from the queue, runs their steps, retries, gives up.
struct Worker: Service {
    let queue: JobQueue
    let steps: JobSteps
    let perch: PerchService
    let conditions: Conditions
    let clock: NanosecondClock

    private var seconds: Int64 { clock() / 1_000_000_000 }
    private var logger: Logger { perch.logger("worker") }

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
            let jobs = try await queue.take(atMost: Limits.jobsAtOnceMax, seconds: seconds)
            await withDiscardingTaskGroup { group in
                for job in jobs {
                    group.addTask { await process(job) }
                }
            }
            return !jobs.isEmpty
        } catch {
            logger.error("The queue cannot be read", error: error)
            return false
        }
    }

    /// A trace of its own, linked to the request that enqueued the job; each step is a span.
    private func process(_ job: Job) async {
        var options = JobOptions()
        options.id = String(job.id)
        options.origin = job.origin
        var stepsDone = job.stepsDone
        do {
            try await perch.jobs.run(job.kind, options: options) { run in
                for step in JobStep.allCases.dropFirst(job.stepsDone) {
                    try await run.step(step.rawValue) { try await steps.run(step, of: job) }
                    stepsDone += 1
                }
                try await queue.finish(job)
            }
            logger.info("Order \(job.orderID) fulfilled", metadata: fields(of: job))
        } catch {
            await handle(error, of: job, stepsDone: stepsDone)
        }
    }

    /// Decides between another try and a dead letter.
    private func handle(_ failure: any Error, of job: Job, stepsDone: Int) async {
        let isLast = job.attempts >= Limits.jobAttemptsMax
        // 2, 4, 8 seconds: the queue recovers before the retries do.
        let retryAt = isLast ? nil : seconds + (Int64(1) << Int64(min(job.attempts, 6)))
        do {
            try await queue.fail(
                job, stepsDone: stepsDone, error: String(describing: failure), retryAt: retryAt)
        } catch {
            logger.error(
                "Job \(job.id) could not be put back", error: error, metadata: fields(of: job))
            return
        }
        if isLast {
            logger.error(
                "Job \(job.id) is a dead letter after \(job.attempts) attempts", error: failure,
                metadata: fields(of: job))
        } else {
            logger.warning(
                "Job \(job.id) failed, will be tried again", error: failure,
                metadata: fields(of: job))
        }
    }

    private func fields(of job: Job) -> Logger.Metadata {
        [
            "job_id": "\(job.id)", "attempt": .stringConvertible(job.attempts),
            "order_id": "\(job.orderID)", "shop_id": .string(job.shopID),
        ]
    }
}
