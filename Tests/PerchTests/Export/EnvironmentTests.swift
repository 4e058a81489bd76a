import Configuration
import Logging
import Testing

@testable import Perch

/// Options out of the environment (LOG-8, ERR-3, ERR-4, TRC-7).
struct EnvironmentTests {
    private func options(_ environment: [String: String]) throws -> PerchOptions {
        try PerchOptions(
            ConfigReader(
                provider: EnvironmentVariablesProvider(environmentVariables: environment)))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var value: String
        var isRight: @Sendable (PerchOptions) -> Bool

        init(
            _ name: String, _ value: String, _ isRight: @escaping @Sendable (PerchOptions) -> Bool
        ) {
            self.name = name
            self.value = value
            self.isRight = isRight
        }

        var testDescription: String { "\(name)=\(value)" }
    }

    @Test(
        "Each variable of the issue does what OpenTelemetry says of it",
        arguments: [
            Row("LOG_LEVEL", "warn") { $0.logs.level == .warning },
            Row("LOG_FORMAT", "color") { $0.logs.format == .color },
            Row("LOG_FIELDS", "camel") { $0.logs.fields == .camelCase },
            Row("SERVICE_NAME", "api") { $0.service == "api" },
            Row("SENTRY_RELEASE", "1f3c") { $0.version == "1f3c" },
            Row("SENTRY_ENV", "prod") { $0.environment == "prod" },
            Row("NODE_ENV", "test") { $0.environment == "test" },
            Row("OTEL_SERVICE_NAME", "web") { $0.service == "web" },
            Row("OTEL_RESOURCE_ATTRIBUTES", "service.name=a%20b,team=x") {
                $0.service == "a b" && $0.resource["team"] == "x"
            },
            Row("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318/") {
                $0.export.addresses[.traces] == "http://c:4318/v1/traces"
                    && $0.export.addresses.count == 3
            },
            Row("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://c/x") {
                $0.export.addresses == [.logs: "http://c/x"]
            },
            Row("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c/x") {
                $0.export.addresses == [.traces: "http://c/x"]
            },
            Row("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://c/x") {
                $0.export.addresses == [.metrics: "http://c/x"]
            },
            Row("OTEL_EXPORTER_OTLP_HEADERS", "a=1, b=%3D") {
                $0.export.headers.map { "\($0)\($1)" } == ["a1", "b="]
            },
            Row("PERCH_DEPLOYS", "on") { $0.export.tellsDeploys },
            Row("PERCH_DEPLOY_LINK", "https://ci/7") { $0.export.deployLink == "https://ci/7" },
            Row("PERCH_THROW_SITES", "off") { !$0.errors.notesThrows },
            Row("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "a=1") {
                $0.export.overrides[.logs]?.headers?.first?.value == "1"
                    && $0.export.overrides[.traces]?.headers == nil
            },
            Row("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json") { $0.export.encoding == .json },
            Row("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json") {
                $0.export.encoding == .protobuf
                    && $0.export.overrides[.traces]?.encoding == .json
            },
            Row("OTEL_EXPORTER_OTLP_COMPRESSION", "none") { $0.export.compression == .none },
            Row("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "gzip") {
                $0.export.overrides[.metrics]?.compression == .gzip
            },
            Row("OTEL_EXPORTER_OTLP_TIMEOUT", "2500") { $0.export.timeout == .seconds(2.5) },
            Row("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", "50") {
                $0.export.overrides[.logs]?.timeout == .milliseconds(50)
            },
            Row("OTEL_TRACES_SAMPLER", "always_off") {
                $0.tracing.sampler == Sampler(ratio: 0, followsParent: false)
            },
            Row("OTEL_BSP_SCHEDULE_DELAY", "100") { $0.export.delay == .milliseconds(100) },
            Row("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "64") { $0.export.batchCount == 64 },
            Row("OTEL_BSP_MAX_QUEUE_SIZE", "2048") { $0.export.waitingCountMax == 2048 },
            Row("OTEL_BSP_EXPORT_TIMEOUT", "70") {
                $0.export.overrides[.traces]?.timeout == .milliseconds(70)
            },
            Row("OTEL_BLRP_SCHEDULE_DELAY", "100") { $0.export.delay == .milliseconds(100) },
            Row("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "32") { $0.export.batchCount == 32 },
            Row("OTEL_BLRP_MAX_QUEUE_SIZE", "99") { $0.export.waitingCountMax == 99 },
            Row("OTEL_BLRP_EXPORT_TIMEOUT", "70") {
                $0.export.overrides[.logs]?.timeout == .milliseconds(70)
            },
            Row("OTEL_METRIC_EXPORT_INTERVAL", "5000") {
                $0.export.metricInterval == .seconds(5)
            },
            Row("OTEL_METRIC_EXPORT_TIMEOUT", "70") {
                $0.export.overrides[.metrics]?.timeout == .milliseconds(70)
            },
            Row("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "7") { $0.tracing.attributesMax == 7 },
            Row("OTEL_SPAN_EVENT_COUNT_LIMIT", "7") { $0.tracing.eventsMax == 7 },
            Row("OTEL_SPAN_LINK_COUNT_LIMIT", "7") { $0.tracing.linksMax == 7 },
            Row("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "7") {
                $0.tracing.attributeByteCountMax == 7
            },
        ])
    func variable(_ row: Row) throws {
        #expect(row.isRight(try options([row.name: row.value])))
        // The check would notice a variable that nobody reads.
        #expect(!row.isRight(try options([:])) || row.value == "gzip")
        // An empty variable counts as absent.
        #expect(!row.isRight(try options([row.name: ""])) || row.value == "gzip")
    }

    @Test("TRC-7: nothing is sent without an endpoint, or when the SDK is told to be off")
    func off() throws {
        #expect(try options([:]).export.addresses.isEmpty)
        let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"]
        let disabled = endpoint.merging(["OTEL_SDK_DISABLED": "true"]) { $1 }
        #expect(try options(disabled).export.addresses.isEmpty)
        for signal in ["LOGS", "METRICS", "TRACES"] {
            let some = endpoint.merging(["OTEL_\(signal)_EXPORTER": "none"]) { $1 }
            let left = try options(some).export.addresses
            #expect(left.count == 2)
            #expect(left.keys.allSatisfy { $0.rawValue.uppercased() != signal })
        }
    }

    @Test("Options come from the environment by OpenTelemetry's and the seeds' names")
    func environment() throws {
        let options = try options([
            "SERVICE_NAME": "api", "LOG_LEVEL": "warn", "LOG_FORMAT": "text",
            "SENTRY_RELEASE": "abc123", "SENTRY_ENV": "prod",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318/",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9/t",
            "OTEL_METRICS_EXPORTER": "none",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20k, x=y",
            "OTEL_RESOURCE_ATTRIBUTES": "team=shop,region=eu%2Cwest",
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": "0.25", "OTEL_EXPORTER_OTLP_TIMEOUT": "2500",
        ])
        #expect(options.service == "api")
        #expect(options.logs.level == .warning)
        #expect(options.logs.format == .text)
        #expect(options.version == "abc123")
        #expect(options.environment == "prod")
        #expect(
            options.export.addresses == [
                .logs: "http://127.0.0.1:4318/v1/logs", .traces: "http://127.0.0.1:9/t",
            ])
        #expect(options.export.headers.map(\.value) == ["Bearer k", "y"])
        #expect(options.resource == ["team": "shop", "region": "eu,west"])
        #expect(options.tracing.sampler == Sampler(ratio: 0.25))
        #expect(options.export.timeout == .milliseconds(2500))
    }

    @Test(
        "A value that means nothing is refused with what it may be",
        arguments: [
            ("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"), ("OTEL_TRACES_SAMPLER", "often"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "-1"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "zip"), ("OTEL_BLRP_MAX_QUEUE_SIZE", "0"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "many"),
        ])
    func invalidEnvironment(_ name: String, _ value: String) {
        #expect(throws: PerchOptionsFailure.self) { try options([name: value]) }
    }
}
