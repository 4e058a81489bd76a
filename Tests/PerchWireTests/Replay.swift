import Foundation
import PerchCodec
import PerchModel
import PerchTestSupport
import PerchWire

/// All requests of a folder, decoded.
struct Replay {
    static let received: Int64 = 1_795_226_860_000_000_000

    var traces: [EventBatch] = []
    var logs: [EventBatch] = []
    var metrics: [OTLPMetricsResult] = []

    init(_ folder: String) throws {
        for request in try TestData.otlpRequests(folder) {
            let isJSON = OTLPContentType(header: request.header("content-type")) == .json
            let body = try Self.plainBody(request)
            switch request.path {
            case "/v1/traces", "/opentelemetry.proto.collector.trace.v1.TraceService/Export":
                traces.append(try Self.traces(body, isJSON: isJSON).batch)
            case "/v1/logs", "/opentelemetry.proto.collector.logs.v1.LogsService/Export":
                logs.append(try Self.logs(body, isJSON: isJSON).batch)
            default:
                metrics.append(try Self.metrics(body, isJSON: isJSON))
            }
        }
    }

    static func plainBody(_ request: TestData.Request) throws -> [UInt8] {
        guard let encoding = ContentEncoding(header: request.header("content-encoding")) else {
            throw TestData.Failure(message: "encoding")
        }
        return try Decompressor.decompress(request.body, encoding: encoding, limit: 10_000_000)
    }

    static func traces(_ body: [UInt8], isJSON: Bool) throws -> OTLPResult {
        isJSON
            ? try OTLPTraces.decodeJSON(body, receivedNanos: received)
            : try OTLPTraces.decode(body, receivedNanos: received)
    }

    static func logs(_ body: [UInt8], isJSON: Bool) throws -> OTLPResult {
        isJSON
            ? try OTLPLogs.decodeJSON(body, receivedNanos: received)
            : try OTLPLogs.decode(body, receivedNanos: received)
    }

    static func metrics(_ body: [UInt8], isJSON: Bool) throws -> OTLPMetricsResult {
        isJSON
            ? try OTLPMetrics.decodeJSON(body, receivedNanos: received)
            : try OTLPMetrics.decode(body, receivedNanos: received)
    }
}

/// One signal of a folder's `expected.json`.
struct Expected {
    private let object: [String: Any]

    init(_ folder: String, _ signal: String) throws {
        let all = try TestData.object("otlp/\(folder)/expected.json")
        object = all[signal] as? [String: Any] ?? [:]
    }

    func int(_ key: String) -> Int { object[key] as? Int ?? 0 }
    func counts(_ key: String) -> [String: Int] { object[key] as? [String: Int] ?? [:] }
    func objects(_ key: String) -> [[String: Any]] { object[key] as? [[String: Any]] ?? [] }
}

/// Counts by name.
struct Tally {
    var total = 0
    private var counts: [String: [String: Int]] = [:]

    mutating func add(_ group: String, _ name: String, _ count: Int = 1) {
        counts[group, default: [:]][name, default: 0] += count
    }

    subscript(_ group: String) -> [String: Int] { counts[group] ?? [:] }

    func sum(_ group: String) -> Int { self[group].values.reduce(0, +) }

    static func of(_ names: [String]) -> [String: Int] {
        Dictionary(grouping: names) { $0 }.mapValues(\.count)
    }
}

/// What is counted of one trace.
struct TraceTally {
    var spans = 0
    var services: Set<String> = []
    var errors = 0
    var start = Int64.max
    var end = Int64.min

    mutating func add(service: String, isError: Bool, start: Int64, end: Int64) {
        spans += 1
        services.insert(service)
        errors += isError ? 1 : 0
        self.start = min(self.start, start)
        self.end = max(self.end, end)
    }
}

/// What is compared of one log record.
struct LogFacts {
    let service: String
    let severityText: String
    let severityNumber: Int64
    let traceID: String
    let spanID: String
    let eventName: String
    let body: String
    let bodyKind: String
    let time: String
    let observed: String
    private let attributes: Set<String>

    init(_ batch: EventBatch, _ row: Int) {
        func value(_ name: String) -> FieldValue? {
            batch.value(of: FieldReference(name, space: .record), row: row)
        }
        service = batch.resource(ofRow: row).service
        severityText = value("severity_text")?.text ?? ""
        if case .int(let number)? = value("severity_number") {
            severityNumber = number
        } else {
            severityNumber = 0
        }
        traceID = value("trace_id")?.text ?? ""
        spanID = value("span_id")?.text ?? ""
        eventName = value("event_name")?.text ?? ""
        body = value("body")?.text ?? ""
        bodyKind =
            switch value("body") {
            case .string?: "string_value"
            case .json(let text)?: text.hasPrefix("{") ? "kvlist_value" : "array_value"
            case .bytes?: "bytes_value"
            case .int?: "int_value"
            case .double?: "double_value"
            case .bool?: "bool_value"
            default: "None"
            }
        time = String(batch.times[row])
        observed = value("observed_time")?.text ?? "0"
        attributes = Set(
            batch.columns.filter { $0.space == .attribute && $0.index(ofRow: row) != nil }
                .map(\.name))
    }

    /// Whether the record has an attribute, or what a map of that name was flattened into.
    func hasAttribute(_ key: String) -> Bool {
        attributes.contains { $0 == key || $0.hasPrefix(key + ".") }
    }
}

/// Counts in JSON text.
enum JSONCount {
    static func elements(_ text: String) -> Int {
        let value = try? JSONSerialization.jsonObject(with: Data(text.utf8))
        return (value as? [Any])?.count ?? 0
    }
}
