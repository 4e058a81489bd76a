/// Names of metrics as Prometheus takes them.
///
/// Source: Prometheus' data model ("Metric names and labels") and OpenMetrics 1.0 ("Suffixes").
enum MetricName {
    /// A name with the characters that are not allowed as underscores: `media.process.started`
    /// becomes `media_process_started`.
    static func family(_ label: String) -> String {
        var name: [UInt8] = []
        name.reserveCapacity(label.utf8.count + 1)
        for byte in label.utf8 {
            let isAllowed = isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: ":")
            // A run of other characters is one underscore.
            if isAllowed {
                if name.isEmpty, isDigit(byte) { name.append(underscore) }
                name.append(byte)
            } else if name.last != underscore {
                name.append(underscore)
            }
        }
        if name.isEmpty { name.append(underscore) }
        return String(decoding: name, as: UTF8.self)
    }

    /// A label's name with the characters that are not allowed as underscores.
    ///
    /// `job` and `instance` belong to the target: a scraper calls those of the application
    /// `exported_job`, and a receiver of OTLP overwrites them, so they go out under that name.
    static func label(_ key: String) -> String {
        if key == "job" || key == "instance" { return "exported_" + key }
        var name: [UInt8] = []
        for byte in key.utf8 {
            let isAllowed = isLetter(byte) || isDigit(byte)
            if name.isEmpty, isDigit(byte) { name.append(underscore) }
            name.append(isAllowed ? byte : underscore)
        }
        if name.isEmpty { name.append(underscore) }
        return String(decoding: name, as: UTF8.self)
    }

    /// The name of a counter's family, without `_total`.
    static func counter(_ label: String) -> String {
        let name = family(label)
        return name.hasSuffix("_total") ? String(name.dropLast(6)) : name
    }

    /// A name that ends in its unit: `http.duration` becomes `http_duration_seconds`.
    ///
    /// One that ends in a unit of time already is left alone.
    static func timer(_ label: String, unit: DurationUnit) -> String {
        let name = family(label)
        let ends = ["_seconds", "_milliseconds", "_ms"]
        return ends.contains(where: name.hasSuffix) ? name : name + unit.suffix
    }

    private static let underscore = UInt8(ascii: "_")

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte == underscore || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}

/// In what durations are counted (MET-4, CM-1).
public enum DurationUnit: Sendable, Hashable {
    /// Prometheus' base unit.
    case seconds
    /// For dashboards that expect `…_ms_bucket`.
    case milliseconds

    /// What the name of a metric in this unit ends in.
    var suffix: String { self == .seconds ? "_seconds" : "_ms" }

    /// So many nanoseconds in this unit.
    func value(ofNanoseconds nanoseconds: Int64) -> Double {
        Double(nanoseconds) / (self == .seconds ? 1e9 : 1e6)
    }

    /// The unit that a metric's name says, or nil.
    init?(suffixOf name: String) {
        if name.hasSuffix("_seconds") {
            self = .seconds
        } else if name.hasSuffix("_ms") || name.hasSuffix("_milliseconds") {
            self = .milliseconds
        } else {
            return nil
        }
    }
}
