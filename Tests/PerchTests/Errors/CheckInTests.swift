import PerchModel
import Testing

@testable import Perch

/// Monitors of jobs (JOB-3, JOB-4, JOB-7).
struct CheckInTests {
    private struct Broken: Error {}

    @Test(
        "JOB-3, JOB-7: a monitor is told of start and end, under one id, and how it is to be made")
    func runs() async throws {
        let server = EnvelopeServer()
        try await server.serve { dsn in
            let service = try reporting(to: dsn)
            try await running(service) {
                var options = JobOptions()
                options.monitor = "nightly-scan"
                options.schedule = "0 3 * * *"
                options.durationMax = .seconds(90)
                try await service.jobs.run("scan", options: options) { _ in }
                options.schedule = "at night"
                try? await service.jobs.run("scan", options: options) { _ in throw Broken() }
                try await service.jobs.run("unwatched") { _ in }
            }
        }
        let told = server.items("check_in")
        #expect(told.map { $0["status"]?.text } == ["in_progress", "ok", "in_progress", "error"])
        #expect(told.allSatisfy { $0["monitor_slug"]?.text == "nightly-scan" })
        #expect(told.allSatisfy { $0["environment"]?.text == "test" })
        let ids = told.map { $0["check_in_id"]?.text ?? "" }
        #expect(ids[0] == ids[1] && ids[2] == ids[3] && ids[0] != ids[2])
        #expect(ids.allSatisfy { $0.utf8.count == 32 })
        #expect(told.map { $0["duration"] != nil } == [false, true, false, true])
        let made = told[0]["monitor_config"]
        #expect(made?["schedule"]?["type"]?.text == "crontab")
        #expect(made?["schedule"]?["value"]?.text == "0 3 * * *")
        #expect(made?["max_runtime"]?.text == "2")
        #expect(told[2]["monitor_config"] == nil)
        #expect(told[0]["contexts"]?["trace"]?["trace_id"]?.text.utf8.count == 32)
    }
}
