import Instrumentation
import Logging
import NIOHTTP1
import PerchModel
import Testing
import Tracing

@testable import Perch

private struct CardError: CodedError, CustomStringConvertible {
    var code: String { "PAYMENT_DECLINED" }
    var description: String { "declined for ann@shop.example.org" }
}

private struct OrderError: CausedError {
    var order: Int
    var cause: (any Error)?
}

/// What a server of the protocol gets (ERR-1 to ERR-11).
struct ErrorReportTests {
    private static let chargeLine = Int(#line) + 4

    @inline(never)
    private func charge(_ service: PerchService) -> String {
        service.errors.capture(OrderError(order: 7, cause: CardError()))
    }

    @Test(
        "ERR-1, ERR-3, ERR-4, ERR-5, ERR-6, ERR-7, COR-7: an error arrives once, whole, with its stack"
    )
    func anError() async throws {
        let server = EnvelopeServer()
        var id = ""
        var trace = ""
        try await server.serve { dsn in
            let service = try reporting(to: dsn)
            let log = Logger(label: "api", factory: { service.logs.handler(label: $0) })
            try await running(service) {
                var context = ServiceContext.topLevel
                context.work = WorkContext(requestID: "r-1", jobID: "j-1")
                service.tracer.withSpan("pay", context: context) { span in
                    trace = span.ids.traceID.description
                    log.info("cart opened", metadata: ["password": "hunter22"])
                    id = Perch.withScope { scope in
                        scope.user = "shop-9"
                        scope.tags["token"] = "t0ps3cret"
                        scope.tags["plan"] = "gold"
                        scope.extras["basket"] = ["count": .stringConvertible(3)]
                    } _: {
                        charge(service)
                    }
                }
            }
        }
        #expect(server.all.allSatisfy { $0.path == "/api/42/envelope/" })
        #expect(server.all.allSatisfy { $0.headers.first(name: "content-encoding") == "gzip" })
        #expect(
            server.all.allSatisfy {
                $0.headers.first(name: "x-sentry-auth")?.contains("sentry_key=abc123") == true
            })
        let event = try #require(server.items("event").first)
        #expect(server.items("event").count == 1)
        #expect(server.all.compactMap { $0.envelope?.header["event_id"]?.text } == [id])
        #expect(event["event_id"]?.text == id)
        #expect(event["release"]?.text == "shop@1.2.3")
        #expect(event["environment"]?.text == "test")
        #expect(event["server_name"]?.text == "pod-1")
        #expect(event["user"]?["id"]?.text == "shop-9")
        #expect(event["tags"]?["category"]?.text == "payment")
        #expect(event["tags"]?["job_id"]?.text == "j-1")
        #expect(event["tags"]?["plan"]?.text == "gold")
        #expect(event["extra"]?["basket"]?["count"]?.text == "3")
        #expect(event["contexts"]?["trace"]?["trace_id"]?.text == trace)
        #expect(event["timestamp"]?.text == "1769903999.123000")
        let crumbs = event["breadcrumbs"]?["values"]?.elements ?? []
        #expect(crumbs.map { $0["message"]?.text } == ["cart opened"])
        // RED-6, RED-7: nothing that redaction knows leaves.
        for secret in ["hunter22", "t0ps3cret", "ann@shop"] {
            #expect(!server.all.contains { $0.text.contains(secret) })
        }
        try expectStack(event)
    }

    private func expectStack(_ event: JSONValue) throws {
        let chain = event["exception"]?["values"]?.elements ?? []
        #expect(
            chain.map { $0["type"]?.text.hasSuffix("CardError") } == [true, false])
        #expect(chain.first?["value"]?.text == "declined for [redacted]")
        let last = try #require(chain.last)
        #expect(last["type"]?.text.hasSuffix("OrderError") == true)
        #expect(last["mechanism"]?["handled"]?.text == "true")
        let frames = last["stacktrace"]?["frames"]?.elements ?? []
        // The outermost first; the SDK's own frames are not there.
        let inner = try #require(frames.last)
        #expect(inner["function"]?.text == "ErrorReportTests.charge(_:)")
        #expect(inner["filename"]?.text == "ErrorReportTests.swift")
        #expect(Int(inner["lineno"]?.text ?? "") == Self.chargeLine)
        #expect(inner["module"]?.text == "PerchTests")
        #expect(inner["in_app"]?.text == "true")
        #expect(!frames.contains { $0["function"]?.text.contains("ErrorReporter") == true })
        #expect(frames.contains { $0["in_app"]?.text == "false" })
    }

    @Test("A message arrives with its level and its stack")
    func aMessage() async throws {
        let server = EnvelopeServer()
        try await server.serve { dsn in
            let service = try reporting(to: dsn)
            try await running(service) {
                _ = service.errors.capture(message: "stock is low", level: .warning)
            }
        }
        let event = try #require(server.items("event").first)
        #expect(event["logentry"]?["formatted"]?.text == "stock is low")
        #expect(event["level"]?.text == "warning")
        let thread = event["threads"]?["values"]?.elements.first
        #expect(thread?["stacktrace"]?["frames"]?.elements.isEmpty == false)
    }

    @Test("A server that fails is tried again; the report arrives once")
    func retry() async throws {
        let server = EnvelopeServer([
            EnvelopeServer.Answer(status: .serviceUnavailable), EnvelopeServer.Answer(),
        ])
        try await server.serve { dsn in
            let service = try reporting(to: dsn) { $0.errors.sessions = .off }
            try await running(service) { _ = service.errors.capture(message: "x") }
            #expect(service.errors.drops[.network] == 0)
        }
        #expect(server.all.count == 2)
    }

    @Test("Rate limits are honoured, and what they cost is counted and told")
    func rateLimited() async throws {
        let server = EnvelopeServer([
            EnvelopeServer.Answer(
                status: .tooManyRequests, headers: ["x-sentry-rate-limits": "60:error:key"])
        ])
        try await server.serve { dsn in
            let service = try reporting(to: dsn) { $0.errors.sessions = .process }
            try await running(service) {
                for _ in 0..<3 { _ = service.errors.capture(message: "x") }
                // Order: the first session, then the events.
                await service.errors.flush()
            }
            #expect(service.errors.drops[.rateLimit] >= 2)
        }
        // Two are on their way at most when the answer comes.
        #expect(server.items("event").count <= 2)
        // The end of the session, of another category, carries the report of what was dropped.
        let report = server.items("client_report").first
        let dropped = report?["discarded_events"]?.elements.first
        #expect(dropped?["reason"]?.text == "ratelimit_backoff")
    }

    @Test("A server that is not there costs bounded memory, and each loss is counted")
    func dead() async throws {
        let service = try reporting(to: "http://abc@127.0.0.1:9/1") { options in
            options.errors.waitingMax = 5
            options.errors.attemptsMax = 1
            options.errors.sessions = .off
            options.errors.logsReports = false
        }
        for _ in 0..<20 { _ = service.errors.capture(message: "x") }
        #expect(service.errors.drops[.queueOverflow] == 15)
        try await running(service) {}
        #expect(service.errors.drops[.network] == 5)
    }

    @Test("RED-6: beforeSend changes a report or drops it; what it adds is redacted")
    func beforeSend() async throws {
        let server = EnvelopeServer()
        try await server.serve { dsn in
            let service = try reporting(to: dsn) { options in
                options.errors.beforeSend = { report in
                    guard report.message != "drop" else { return nil }
                    var report = report
                    report.tags["note"] = "call ann@shop.example.org"
                    return report
                }
            }
            try await running(service) {
                _ = service.errors.capture(message: "drop")
                _ = service.errors.capture(message: "keep")
            }
            #expect(service.errors.drops[.beforeSend] == 1)
        }
        let events = server.items("event")
        #expect(events.map { $0["logentry"]?["formatted"]?.text } == ["keep"])
        #expect(events.first?["tags"]?["note"]?.text == "call [redacted]")
    }

    @Test("RED-1 to RED-8: no mail address, card or token of a corpus leaves in an envelope")
    func corpus() async throws {
        let names = ["ann", "bob.lee", "c+d", "e_f", "x1"]
        let mails = names.flatMap { name in
            ["example.org", "mail.shop.de", "a-b.co.uk"].map { "\(name)@\($0)" }
        }
        let secrets =
            mails + ["4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005"]
            + ["sk_live_abcdefghijkl", "AKIAIOSFODNN7EXAMPLE"]
        let server = EnvelopeServer()
        try await server.serve { dsn in
            let service = try reporting(to: dsn) { $0.errors.breadcrumbsMax = 200 }
            try await running(service) {
                for secret in secrets {
                    service.errors.addBreadcrumb(
                        "sent to \(secret)", category: "mail", data: ["to": .string(secret)])
                }
                for secret in secrets {
                    Perch.withScope { scope in
                        scope.user = secret
                        scope.tags["note"] = "for \(secret)"
                        scope.extras["list"] = [.string(secret), ["deep": .string(secret)]]
                        scope.transaction = "mail \(secret)"
                        scope.fingerprint = [secret]
                    } _: {
                        struct Refused: Error { var whom: String }
                        _ = service.errors.capture(Refused(whom: secret))
                        _ = service.errors.capture(message: "refused \(secret)")
                    }
                }
            }
        }
        #expect(server.items("event").count == 2 * secrets.count)
        let text = server.all.map(\.text).joined()
        #expect(secrets.filter { text.contains($0) } == [])
        // What is no secret is there still.
        #expect(text.contains("sent to [redacted]"))
    }

    @Test("Sessions: a process begins and ends one, with its errors counted")
    func processSession() async throws {
        let server = EnvelopeServer()
        try await server.serve { dsn in
            let service = try reporting(to: dsn)
            try await running(service) { _ = service.errors.capture(CardError()) }
        }
        let sessions = server.items("session")
        #expect(sessions.map { $0["status"]?.text } == ["ok", "exited"])
        #expect(sessions.map { $0["init"]?.text } == ["true", "false"])
        #expect(sessions.map { $0["errors"]?.text } == ["0", "1"])
        #expect(Set(sessions.map { $0["sid"]?.text }).count == 1)
        #expect(sessions.first?["attrs"]?["release"]?.text == "shop@1.2.3")
    }

    @Test("Sessions: requests are summed up")
    func requestSessions() async throws {
        let server = EnvelopeServer()
        try await server.serve { dsn in
            let service = try reporting(to: dsn) { $0.errors.sessions = .requests }
            try await running(service) {
                service.errors.sessions.requestEnded(hasError: false, isCrashed: false)
                service.errors.sessions.requestEnded(hasError: false, isCrashed: false)
                service.errors.sessions.requestEnded(hasError: true, isCrashed: false)
                service.errors.sessions.requestEnded(hasError: true, isCrashed: true)
            }
        }
        let sums = server.items("sessions").first?["aggregates"]?.elements.first
        #expect(sums?["exited"]?.text == "2")
        #expect(sums?["errored"]?.text == "1")
        #expect(sums?["crashed"]?.text == "1")
    }

    @Test("ERR-13: without a DSN a report is a log line with type, message and stack")
    func lineOnly() async throws {
        let lines = Lines()
        let service = try reporting(to: nil, lines)
        var id = ""
        try await running(service) { id = charge(service) }
        #expect(lines.all.count == 1)
        let line = try #require(JSONValue(lines.text.split(separator: "\n").joined()))
        #expect(line["error_id"]?.text == id)
        #expect(line["level"]?.text == "error")
        #expect(line["error"]?["type"]?.text.hasSuffix("OrderError") == true)
        let stack = try #require(line["error"]?["stack"]?.text)
        #expect(stack.hasPrefix("  at ErrorReportTests.charge(_:) (/"))
        #expect(stack.contains("Caused by: "))
    }

    @Test("A disabled report costs no entry; sampling is counted")
    func sampling() async throws {
        let lines = Lines()
        let service = try reporting(to: nil, lines) { $0.errors.sampleRate = 0 }
        try await running(service) { _ = service.errors.capture(CardError()) }
        #expect(lines.all.isEmpty)
        #expect(service.errors.drops[.sampleRate] == 1)
    }
}
