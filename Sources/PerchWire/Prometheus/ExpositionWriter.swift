package import PerchModel

/// Writes samples as OpenMetrics or Prometheus' text.
///
/// Append families and their series in this order: ``family(_:)``, then for each of its series
/// ``series(_:)`` and its samples; ``end()`` last. Take `bytes` out now and then. Source:
/// OpenMetrics 1.0; prometheus.io/docs/instrumenting/exposition_formats.
package struct ExpositionWriter: Sendable {
    /// How names are written that have other characters than letters, digits and `_`.
    package enum Escaping: String, Sendable {
        /// In quotes, as Prometheus 3 reads them.
        case allowUTF8 = "allow-utf-8"
        /// With `_` in their place, as every reader takes them.
        case underscores
    }

    /// What is written and not taken out yet.
    package var bytes: [UInt8] = []
    private let format: ExpositionFormat
    private let escaping: Escaping
    /// The name and the labels of the series, with the blank after them.
    private var prefix: [UInt8] = []
    /// Whether the series may have exemplars: only counters and buckets do.
    private var takesExemplars = false

    package init(format: ExpositionFormat, escaping: Escaping = .allowUTF8) {
        self.format = format
        self.escaping = escaping
    }

    /// The `Content-Type` of what is written.
    package var contentType: String {
        let version =
            switch format {
            case .text where escaping == .allowUTF8: "text/plain; version=1.0.0"
            case .text: "text/plain; version=0.0.4"
            // The protobuf form is read only.
            case .openMetrics, .protobuf: "application/openmetrics-text; version=1.0.0"
            }
        return "\(version); charset=utf-8; escaping=\(escaping.rawValue)"
    }

    /// Begins a family with what is known of it.
    package mutating func family(_ family: MetricMetadata) {
        let name = nameText(family.family, isMetric: true)
        if !family.help.isEmpty {
            line("# HELP ", name)
            appendEscaped(family.help, quotes: format == .openMetrics)
            bytes.append(UInt8(ascii: "\n"))
        }
        line("# TYPE ", name)
        let isUntyped = format == .text && family.type == .unknown
        bytes.append(contentsOf: (isUntyped ? "untyped" : family.type.name).utf8)
        bytes.append(UInt8(ascii: "\n"))
        // A unit that does not end the name is a mistake in OpenMetrics.
        guard format == .openMetrics, !family.unit.isEmpty,
            family.family.hasSuffix("_" + family.unit)
        else { return }
        line("# UNIT ", name)
        bytes.append(contentsOf: family.unit.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Begins a series; `suffix` is added to the metric's name, and `le` to its labels.
    package mutating func series(_ labels: Labels, suffix: String = "", le: Double? = nil) {
        prefix.removeAll(keepingCapacity: true)
        let pairs = labels.pairs
        let metric = (pairs.first { $0.name == "__name__" }?.value ?? "") + suffix
        takesExemplars =
            format == .openMetrics && (metric.hasSuffix("_total") || metric.hasSuffix("_bucket"))
        let name = nameText(metric, isMetric: true)
        let isQuoted = name.first == UInt8(ascii: "\"")
        if !isQuoted { prefix.append(contentsOf: name) }
        let own = pairs.filter { $0.name != "__name__" && !(le != nil && $0.name == "le") }
        if isQuoted || !own.isEmpty || le != nil {
            prefix.append(UInt8(ascii: "{"))
            if isQuoted { prefix.append(contentsOf: name) }
            for label in own { appendLabel(label.name, label.value) }
            if let le { appendLabel("le", Self.bound(le)) }
            prefix.append(UInt8(ascii: "}"))
        }
        prefix.append(UInt8(ascii: " "))
    }

    /// Adds a sample of the series.
    package mutating func sample(
        _ value: Double, timeMillis: Int64, exemplar: Exemplar? = nil
    ) {
        bytes.append(contentsOf: prefix)
        Self.append(value, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        appendTime(timeMillis)
        if takesExemplars, let exemplar { append(exemplar) }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Ends the text.
    package mutating func end() {
        if format == .openMetrics { bytes.append(contentsOf: "# EOF\n".utf8) }
    }

    // MARK: Parts

    private mutating func line(_ keyword: StaticString, _ name: [UInt8]) {
        bytes.append(contentsOf: keyword.description.utf8)
        bytes.append(contentsOf: name)
        bytes.append(UInt8(ascii: " "))
    }

    private mutating func append(_ exemplar: Exemplar) {
        bytes.append(contentsOf: " # {".utf8)
        var rest = ExpositionWriter(format: format, escaping: escaping)
        // The labels of an exemplar are written as those of a series; a blank begins them.
        rest.prefix = [UInt8(ascii: "{")]
        for label in exemplar.labels.pairs { rest.appendLabel(label.name, label.value) }
        bytes.append(contentsOf: rest.prefix.dropFirst())
        bytes.append(contentsOf: "} ".utf8)
        Self.append(exemplar.value, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        appendTime(exemplar.timeMillis)
    }

    private mutating func appendLabel(_ name: String, _ value: String) {
        if prefix.last != UInt8(ascii: "{") { prefix.append(UInt8(ascii: ",")) }
        prefix.append(contentsOf: nameText(name, isMetric: false))
        prefix.append(contentsOf: "=\"".utf8)
        Self.appendEscaped(value, quotes: true, to: &prefix)
        prefix.append(UInt8(ascii: "\""))
    }

    /// A name as it is written: bare, in quotes, or with `_` for what does not fit.
    private func nameText(_ name: String, isMetric: Bool) -> [UInt8] {
        let bytes = Array(name.utf8)
        let isBare =
            bytes.first.map { ExpositionParser.isNameStart($0, allowsColon: isMetric) } ?? false
            && bytes.allSatisfy { ExpositionParser.isNamePart($0, allowsColon: isMetric) }
        if isBare { return bytes }
        guard escaping == .allowUTF8 else {
            return Self.underscored(name, isMetric: isMetric)
        }
        var quoted = [UInt8(ascii: "\"")]
        Self.appendEscaped(name, quotes: true, to: &quoted)
        quoted.append(UInt8(ascii: "\""))
        return quoted
    }

    /// Source: Prometheus, "Escaping schemes", underscores escaping.
    private static func underscored(_ name: String, isMetric: Bool) -> [UInt8] {
        var result: [UInt8] = []
        for scalar in name.unicodeScalars {
            let byte = scalar.isASCII ? UInt8(scalar.value) : 0
            let fits =
                result.isEmpty
                ? ExpositionParser.isNameStart(byte, allowsColon: isMetric)
                : ExpositionParser.isNamePart(byte, allowsColon: isMetric)
            result.append(fits ? byte : UInt8(ascii: "_"))
        }
        return result.isEmpty ? [UInt8(ascii: "_")] : result
    }

    /// Seconds with a fraction in OpenMetrics, milliseconds in text.
    private mutating func appendTime(_ millis: Int64) {
        guard format == .openMetrics else { return bytes.append(decimal: millis) }
        let (seconds, rest) = (millis.magnitude / 1_000, millis.magnitude % 1_000)
        if millis < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.append(decimal: Int64(seconds))
        guard rest > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        for digit in [rest / 100, rest / 10 % 10, rest % 10] {
            bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit))
        }
    }

    private mutating func appendEscaped(_ text: String, quotes: Bool) {
        Self.appendEscaped(text, quotes: quotes, to: &bytes)
    }

    private static func appendEscaped(
        _ text: String, quotes: Bool, to bytes: inout [UInt8]
    ) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\"") where quotes: bytes.append(contentsOf: "\\\"".utf8)
            default: bytes.append(byte)
            }
        }
    }

    /// The shortest digits that read as the same number again.
    private static func append(_ value: Double, to bytes: inout [UInt8]) {
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53,
            whole != 0 || value.sign == .plus
        {
            bytes.append(decimal: whole)
        } else {
            bytes.append(contentsOf: text(value).utf8)
        }
    }

    private static func text(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        return value.description
    }

    /// Source: OpenMetrics 1.0, "Considerations: Canonical Numbers".
    private static func bound(_ value: Double) -> String { text(value) }
}
