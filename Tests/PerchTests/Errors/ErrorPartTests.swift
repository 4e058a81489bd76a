import Logging
import Testing

@testable import Perch

/// The parts of error reports that need no server.
struct ErrorPartTests {
    @Test(
        "ERR-2: a DSN gives the address of envelopes, with path and secret",
        arguments: [
            ("https://abc@sentry.io/42", "https://sentry.io/api/42/envelope/", nil),
            ("http://abc:def@host:8000/a/b/7", "http://host:8000/a/b/api/7/envelope/", "def"),
        ] as [(String, String, String?)])
    func dsn(_ text: String, _ address: String, _ secret: String?) throws {
        let dsn = try #require(SentryDSN(text))
        #expect(dsn.address == address)
        #expect(dsn.key == "abc")
        #expect(dsn.secret == secret)
        #expect(dsn.authorization.contains("sentry_key=abc"))
    }

    @Test(
        "ERR-2: what is no DSN is refused",
        arguments: [
            "", "https://host/42", "ftp://abc@host/42", "https://@host/42", "https://abc@host",
            "https://abc@host/", "https://abc@/42", "https://abc@host/shop", "https://a b@host/1",
            "https://abc@ho st/1", "https://a:b:c@host/1", "https://abc@host/1?x=2",
        ])
    func noDSN(_ text: String) {
        #expect(SentryDSN(text) == nil)
    }

    @Test(
        "ERR-11: the first rule that fits gives the category",
        arguments: [
            ("AUTH_EXPIRED", "timeout", "auth"), ("PIPELINE_STEP", "", "pipeline"),
            ("PAYMENT_DECLINED", "rate limit", "payment"), (nil, "Timeout after 5 s", "timeout"),
            ("X_AUTH_", "Rate limit reached", "rate_limit"), (nil, "boom", "unknown"),
        ] as [(String?, String, String)])
    func category(_ code: String?, _ message: String, _ expected: String) {
        #expect(ErrorCategoryRule.defaults.category(code: code, message: message) == expected)
    }

    @Test("Rate limits are kept by category until they end")
    func rateLimits() {
        var limits = RateLimits()
        limits.take(
            status: 200, limits: "60:error;transaction:key, 10::organization, x:error",
            retryAfter: nil, time: 0)
        let second: Int64 = 1_000_000_000
        #expect(!limits.allows("error", time: 59 * second))
        #expect(limits.allows("error", time: 60 * second))
        #expect(!limits.allows("session", time: 9 * second))
        #expect(limits.allows("session", time: 10 * second))
        #expect(limits.allows(nil, time: 0))
    }

    @Test(
        "A 429 without limits holds everything back, a minute or what Retry-After says",
        arguments: [(nil, 60), ("5", 5), ("soon", 60), ("1e300", 24 * 3600), ("-1", 0)]
            as [(String?, Int64)])
    func tooMany(_ retryAfter: String?, _ seconds: Int64) {
        var limits = RateLimits()
        limits.take(status: 429, limits: nil, retryAfter: retryAfter, time: 0)
        #expect(limits.allows("error", time: seconds * 1_000_000_000))
        #expect(seconds == 0 || !limits.allows("error", time: seconds * 1_000_000_000 - 1))
    }

    @Test(
        "Mangled names tell the module",
        arguments: [
            ("$s4Shop6chargeyyKF", "Shop"), ("$sSS4ShopE6quoted", "Shop"),
            ("$sSa9repeating5countSayxG", "Swift"), ("$ss17_assertionFailure__4file", "Swift"),
            ("main", nil), ("$s99Shop", nil), ("$s", nil), ("_ZN4absl", nil),
        ] as [(String, String?)])
    func modules(_ name: String, _ module: String?) {
        #expect(MangledName.module(of: name) == module)
    }

    @Test("Frames are the application's when they are in the program and not in a package")
    func inApp() {
        let rules = FrameRules(inAppModules: ["Hummingbird"], program: "/app/shop")
        func frame(_ module: String?, _ file: String?, _ image: String = "/app/shop") -> Bool {
            var frame = StackFrame(function: "f")
            frame.module = module
            frame.file = file
            frame.image = image
            return rules.isInApp(frame)
        }
        #expect(frame("Shop", "/src/Shop/a.swift"))
        #expect(frame("Shop", nil))
        #expect(!frame("Shop", nil, "/lib/libc.so.6"))
        #expect(!frame("NIOPosix", nil))
        #expect(!frame("Fancy", "/src/.build/checkouts/fancy/a.swift"))
        #expect(frame("Hummingbird", "/src/.build/checkouts/hummingbird/a.swift"))
        #expect(!frame(nil, nil))
    }

    @Test("ERR-5: breadcrumbs are the last ones, of the same request")
    func breadcrumbs() {
        let ring = BreadcrumbRing(countMax: 4)
        func entry(_ message: String, _ request: String?) -> LogEntry {
            LogEntry(
                time: 0, level: .info, message: message, logger: "x", fields: [], error: nil,
                span: nil, work: request.map { WorkContext(requestID: $0) })
        }
        #expect(ring.last(3, work: nil, span: nil).isEmpty)
        for (index, request) in ["a", "a", "b", nil, "a"].enumerated() {
            ring.add(entry("\(index)", request))
        }
        let work = WorkContext(requestID: "a")
        #expect(ring.last(9, work: work, span: nil).map(\.message) == ["1", "3", "4"])
        #expect(ring.last(2, work: nil, span: nil).map(\.message) == ["3", "4"])
    }

    @Test("LOG-11: chains follow causes, properties and cases, and end")
    func chains() {
        struct Low: Error { var code = 7 }
        struct Middle: Error { var inner: (any Error)? }
        enum High: Error { case failed(step: Int, because: any Error) }
        final class Loop: CausedError {
            var cause: (any Error)? { self }
        }
        let error = High.failed(step: 2, because: Middle(inner: Low()))
        let names = ErrorChain.errors(from: error).map { ErrorChain.failure($0).type }
        #expect(names.map { $0.split(separator: ".").last } == ["High", "Middle", "Low"])
        #expect(ErrorChain.errors(from: Middle(inner: nil)).count == 1)
        #expect(ErrorChain.errors(from: Loop()).count == ErrorLimits.chainMax)
    }
}
