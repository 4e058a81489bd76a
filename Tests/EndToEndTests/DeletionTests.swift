import Foundation
import PerchServer
import Testing

/// `POST /api/v1/events/delete`, as docs/operating/retention.md describes it.
@Suite struct DeletionTests {
    private static func bodies(_ address: String) async throws -> [String] {
        try await HTTP.events(address, "logs").compactMap { $0["body"] as? String }.sorted()
    }

    private static func delete(
        _ address: String, _ form: String, token: String = InProcess.adminSecret
    ) async throws -> HTTP.Answer {
        try await HTTP.post(
            "\(address)/api/v1/events/delete", Array(form.utf8),
            headers: [
                ("authorization", "Bearer \(token)"),
                ("content-type", "application/x-www-form-urlencoded"),
            ])
    }

    private static func send(_ address: String) async throws {
        let lines = (0..<10).map { "{\"msg\":\"line \($0)\",\"user\":\"u\($0 % 2)\"}" }
        let answer = try await HTTP.post(
            "\(address)/ingest/json", Array(lines.joined(separator: "\n").utf8))
        #expect(answer.status == 200)
    }

    @Test func deletedEventsAreGoneAtOnceAndStayGone() async throws {
        let data = try TemporaryFolder()
        let left = ["line 0", "line 2", "line 4", "line 6", "line 8"]
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            try await Self.send(address)
            let form = "dataset=logs&query=user:u1&start=-1h&end=soon"
            let wrong = try await Self.delete(address, form)
            #expect(wrong.status == 400, "no such time: \(wrong.text)")
            let end = Int64(Date.now.timeIntervalSince1970) + 60
            let right = "dataset=logs&query=user:u1&start=-1h&end=\(end)"
            let trial = try await Self.delete(address, right + "&dry_run=true")
            #expect(trial.text == "{\"matched\":5}\n")
            #expect(try await Self.bodies(address).count == 10)
            let answer = try await Self.delete(address, right)
            #expect(answer.status == 200)
            #expect(answer.text == "{\"deleted\":5}\n")
            #expect(try await Self.bodies(address) == left)
            let count = try await HTTP.get("\(address)/api/v1/search?query=*%20%7C%20count")
            #expect(count.text.contains("5") && !count.text.contains("10"), "\(count.text)")
        }
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            #expect(try await Self.bodies(address) == left)
            #expect(try await HTTP.post("\(address)/-/compact", []).status == 204)
            #expect(try await Self.bodies(address) == left)
            let metrics = try await HTTP.get("\(address)/metrics").text
            #expect(metrics.contains("perch_events_deletions 0\n"))
            #expect(metrics.contains("perch_events_dropped_rows_total 5\n"))
        }
    }

    @Test func whatIsMissingOrWrongIsToldAndDeletesNothing() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(dataPath: data.path) { (_, address) async throws in
            try await Self.send(address)
            for form in [
                "", "dataset=logs&query=user:u1", "dataset=logs&start=0&end=now",
                "query=&start=0&end=now", "dataset=metrics&query=&start=0&end=now",
                "dataset=logs&query=user:(&start=0&end=now",
                "dataset=logs&query=*%20%7C%20count&start=0&end=now",
            ] {
                let answer = try await Self.delete(address, form)
                #expect(answer.status == 400, "\(form): \(answer.text)")
            }
            #expect(try await Self.bodies(address).count == 10)
        }
    }

    @Test func onlyAdministratorsDelete() async throws {
        let data = try TemporaryFolder()
        try await InProcess.run(
            dataPath: data.path, change: { $0.auth = .keys }
        ) { (_, address) async throws in
            let form = "dataset=logs&query=&start=0&end=now"
            #expect(try await Self.delete(address, form, token: "x").status == 401)
            #expect(
                try await Self.delete(address, form, token: InProcess.ingestSecret).status == 403)
            #expect(try await Self.delete(address, form).status == 200)
        }
    }

    /// `retention.rules` and `retention.errors`, as they are read.
    @Test func rulesOfRetentionAreRead() throws {
        func read(_ text: String) throws -> PerchConfiguration.Retention {
            try ConfigurationReader.read(text: text, file: "perch.yml", environment: [:]).retention
        }
        #expect(try read("").errorsSeconds == 90 * 86_400)
        let rules = try read(
            "retention: {errors: 60d, rules: [\"service:audit 365d\", \"level<=debug 3d\"]}"
        ).rules
        #expect(rules.map(\.search) == ["service:audit", "level<=debug"])
        #expect(rules.map(\.seconds) == [365 * 86_400, 3 * 86_400])
        for wrong in ["service:audit", "3d", " 3d", "service:( 3d", "service:audit 3 days"] {
            #expect(throws: ConfigurationFailure.self, "\(wrong)") {
                _ = try read("retention: {rules: [\"\(wrong)\"]}")
            }
        }
    }
}
