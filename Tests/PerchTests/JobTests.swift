import Foundation
import Instrumentation
import Logging
import Synchronization
import Testing
import Tracing

@testable import Perch

/// Jobs (JOB-1 to JOB-9, CM-4, CM-5, CM-6, CM-7, LOG-14).
struct JobTests {
    private struct Broken: Error, CustomStringConvertible {
        var description: String { "disk full" }
    }

    /// A service whose clock moves by a second with each look.
    private func service(_ lines: Lines) -> PerchService {
        let ticks = Atomic<Int64>(0)
        var options = PerchOptions()
        options.service = "worker"
        return PerchService(
            options,
            clock: {
                fixedTime + ticks.wrappingAdd(1, ordering: .relaxed).newValue * 1_000_000_000
            }, write: lines.write)
    }

    @Test("LOG-14, COR-8: start and end of a job, with its id in every line of it")
    func lines() async throws {
        let lines = Lines()
        let service = service(lines)
        var options = JobOptions()
        options.id = "run-7"
        try await service.jobs.run("scan", options: options) { run in
            #expect(run.id == "run-7")
            Logger(label: "own", factory: { service.logs.handler(label: $0) }).info("inside")
        }
        let ids = lines.all.map { $0.contains("\"job_id\":\"run-7\"") }
        #expect(ids == [true, true, true])
        #expect(lines.all.last?.contains("Job completed") == true)
    }

    @Test("JOB-3, JOB-4, JOB-5: what is known after a success and two failures")
    func statuses() async throws {
        let lines = Lines()
        let service = service(lines)
        var options = JobOptions()
        options.schedule = "0 * * * *"
        options.nextRun = fixedTime
        try await service.jobs.run("scan", options: options) { _ in }
        for _ in 0..<2 {
            await #expect(throws: Broken.self) {
                try await service.jobs.run("scan") { _ in throw Broken() }
            }
        }
        let status = try #require(service.jobs.statuses.first)
        #expect(status.consecutiveFailures == 2)
        #expect(status.lastOutcome == .error)
        #expect(status.lastError == "disk full")
        #expect(status.lastSuccess != nil)
        #expect(status.schedule == "0 * * * *")
        #expect(status.running == 0)
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(service.jobs.json)) as? [String: Any])
        let job = try #require((json["jobs"] as? [[String: Any]])?.first)
        #expect(job["name"] as? String == "scan")
        #expect(job["nextRun"] as? String == "2026-01-31T23:59:59.123Z")
        let text = ExpositionText.prometheus.text(of: service.metrics.snapshot())
        #expect(text.contains(#"jobs_total{job_name="scan",status="error"} 2"#))
        #expect(text.contains(#"job_consecutive_failures{job_name="scan"} 2"#))
        #expect(
            text.contains(
                #"job_duration_seconds_bucket{job_name="scan",status="success",le="60.0"} 1"#))
    }

    @Test("CM-5, JOB-9: each step has its histogram and its lines, and errors go on")
    func steps() async throws {
        let lines = Lines()
        let service = service(lines)
        await #expect(throws: Broken.self) {
            try await service.jobs.run("render") { run in
                let made = try await run.step("decode") { 42 }
                #expect(made == 42)
                try await run.step("encode") { throw Broken() }
            }
        }
        let text = ExpositionText.prometheus.text(of: service.metrics.snapshot())
        #expect(
            text.contains(
                #"pipeline_step_duration_seconds_count{status="success",step="decode"} 1"#))
        #expect(
            text.contains(#"pipeline_step_duration_seconds_count{status="error",step="encode"} 1"#))
        #expect(lines.text.contains("Step failed"))
        #expect(lines.text.contains("Job failed"))
    }

    @Test(
        "JOB-1, JOB-8, CM-6, CM-11, CM-7: queues are asked, and one that fails keeps its last counts"
    )
    func queues() async {
        let lines = Lines()
        let service = service(lines)
        let fails = Atomic(false)
        service.jobs.watch(queue: "images") {
            if fails.load(ordering: .relaxed) { throw Broken() }
            return QueueCounts(
                waiting: 3, active: 1, completed: 9, failed: 2, oldestAge: .seconds(90))
        }
        await service.jobs.sampleQueues()
        fails.store(true, ordering: .relaxed)
        await service.jobs.sampleQueues()
        let text = ExpositionText.prometheus.text(of: service.metrics.snapshot())
        #expect(text.contains(#"job_queue_depth{queue="images"} 3"#))
        #expect(text.contains(#"jobs_by_status{queue="images",status="failed"} 2"#))
        #expect(text.contains(#"job_queue_oldest_age_seconds{queue="images"} 90"#))
        #expect(lines.text.contains("a queue could not be asked"))
        #expect(service.jobs.queues["images"]?.waiting == 3)
    }
}
