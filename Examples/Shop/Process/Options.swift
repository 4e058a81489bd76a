import Perch

/// The settings of the demo, from flags first and the environment second.
struct Options: Sendable {
    var endpoint = "http://127.0.0.1:9700"
    var key: String?
    var dsn: SentryDSN?
    var incident: Incident?
    var port = 0
    var paymentsPort = 0
    var databaseFile: String?
    var rate = 8.0
    var seed: UInt64 = 1
    var durationSeconds: Double?
    var trafficSeconds: Double?
    /// How often metrics are sent.
    var metricInterval = Limits.metricInterval
    var isQuiet = false
    var isHurried = false

    /// What to print instead of running.
    enum Refusal: Error {
        case help
        case wrong(String)
    }

    static let help = """
        Usage: shop [options]

        A demo shop that sends OpenTelemetry traces, logs and metrics.

          --endpoint URL       where to send telemetry (OTEL_EXPORTER_OTLP_ENDPOINT,
                               else http://127.0.0.1:9700)
          --key KEY            ingest key, sent as a bearer token (PERCH_INGEST_KEY)
          --dsn DSN            where to report errors, as Sentry's SDKs do (SENTRY_DSN)
          --incident KIND      start with this one: payment_provider_slow, database_lock,
                               bad_deploy, cache_stampede, inventory_down,
                               login_attack (SHOP_INCIDENT)
          --port N             port of the shop's API; 0 takes a free one (SHOP_PORT, else 0)
          --payments-port N    port of the payment provider (SHOP_PAYMENTS_PORT, else 0)
          --db FILE            SQLite file (SHOP_DB, else a temporary one)
          --rate N             requests a second at the busiest time of the day (SHOP_RATE, else 8)
          --seed N             seed of visits and incidents (SHOP_SEED, else 1)
          --duration SECONDS   stop after this time
          --traffic SECONDS    send no visitors after this time, and go on
          --hurry              visitors do not stop to think
          --quiet              print warnings only
          --help               print this
        """

    init(arguments: [String], environment: [String: String]) throws(Refusal) {
        let variables = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "--endpoint", "PERCH_INGEST_KEY": "--key",
            "SENTRY_DSN": "--dsn", "SHOP_INCIDENT": "--incident", "SHOP_PORT": "--port",
            "SHOP_PAYMENTS_PORT": "--payments-port", "SHOP_DB": "--db",
            "SHOP_RATE": "--rate", "SHOP_SEED": "--seed",
        ]
        for (variable, flag) in variables {
            // An empty variable counts as absent, as OpenTelemetry asks.
            guard let value = environment[variable], !value.isEmpty else { continue }
            do {
                try set(flag, value)
            } catch {
                throw .wrong("\(variable): not a value for \(flag): \(value)")
            }
        }
        let interval = environment["OTEL_METRIC_EXPORT_INTERVAL"].flatMap(Int64.init)
        if let interval, interval >= 100 { metricInterval = .milliseconds(interval) }
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": throw .help
            case "--quiet": isQuiet = true
            case "--hurry": isHurried = true
            default:
                let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
                guard let flag = parts.first else { throw .wrong("An empty argument.") }
                guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
                    throw .wrong("\(flag) needs a value.")
                }
                try set(flag, value)
            }
        }
    }

    private mutating func set(_ flag: String, _ value: String) throws(Refusal) {
        switch flag {
        case "--endpoint":
            guard value.hasPrefix("http://") || value.hasPrefix("https://") else {
                throw .wrong("--endpoint needs an http:// or https:// address, not \(value)")
            }
            endpoint = value.hasSuffix("/") ? String(value.dropLast()) : value
        case "--key": key = value
        case "--dsn":
            dsn = SentryDSN(value)
            if dsn == nil { throw .wrong("--dsn needs a DSN, https://KEY@HOST/PROJECT") }
        case "--incident":
            incident = Incident(rawValue: value)
            if incident == nil { throw .wrong("There is no incident \(value).") }
        case "--db": databaseFile = value
        case "--port": port = try Self.number(flag, value, 0...65_535)
        case "--payments-port": paymentsPort = try Self.number(flag, value, 0...65_535)
        case "--seed": seed = try Self.number(flag, value, 0...UInt64.max)
        case "--rate": rate = try Self.number(flag, value, 0...1_000)
        case "--traffic": trafficSeconds = try Self.number(flag, value, 0...1e9)
        case "--duration": durationSeconds = try Self.number(flag, value, 0...1e9)
        default: throw .wrong("There is no option \(flag).")
        }
    }

    private static func number<Number: LosslessStringConvertible & Comparable>(
        _ flag: String, _ value: String, _ range: ClosedRange<Number>
    ) throws(Refusal) -> Number {
        guard let number = Number(value), range.contains(number) else {
            throw .wrong(
                "\(flag) needs a number from \(range.lowerBound) to \(range.upperBound), not \(value)"
            )
        }
        return number
    }
}
