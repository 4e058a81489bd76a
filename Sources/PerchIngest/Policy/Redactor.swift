import Crypto
import PerchModel
import PerchRegex
import PerchWire

/// Takes personal data and secrets out of events: named fields whole, and what detectors and
/// patterns find in texts (RED-1 to RED-8).
///
/// It works on columns: one that cannot hold anything is passed over by a look at its bytes.
final class Redactor: Sendable {
    static let mask = Array("[redacted]".utf8)

    private let detectors: Set<EventPolicySettings.Detector>
    private let names: SecretNames
    private let patterns: [Regex]
    private let action: EventPolicySettings.Action
    private let key: SymmetricKey

    /// Nil when there is nothing to take out.
    init?(_ settings: EventPolicySettings) throws {
        guard !settings.detectors.isEmpty || !settings.fields.isEmpty || !settings.patterns.isEmpty
        else { return nil }
        detectors = settings.detectors
        names = SecretNames(settings.fields)
        patterns = try settings.patterns.map { try Regex($0) }
        action = settings.action
        key = SymmetricKey(data: Array(settings.hashKey.utf8))
    }

    func redact(_ batch: inout EventBatch) {
        var isDropped = false
        for index in batch.columns.indices {
            let column = batch.columns[index]
            guard !Self.isOurs(column) else { continue }
            if names.contains(column.name), column.space != .record {
                if action == .drop { isDropped = true }
                batch.columns[index] = replaced(column)
            } else if column.kind == .string || column.kind == .json, mayHold(column.bytes.span) {
                let isJSON = column.kind == .json
                batch.columns[index].rewrite { text, output in
                    append(text, isJSON: isJSON, to: &output)
                }
            }
        }
        if isDropped { batch.columns.removeAll { $0.space != .record && names.contains($0.name) } }
        // A column that became text may meet another of its name.
        batch.joinColumns()
        batch.resources = batch.resources.map { redacted($0) }
    }

    /// What no person writes: it is not looked at.
    private static func isOurs(_ column: Column) -> Bool {
        column.space == .record && column.name != RecordField.body
            && column.name != RecordField.events && column.name != RecordField.statusMessage
            && column.name != RecordField.name
    }

    private func redacted(_ resource: Resource) -> Resource {
        var isChanged = false
        let attributes = resource.attributes.compactMap { attribute -> Resource.Attribute? in
            if names.contains(attribute.key) {
                isChanged = true
                guard action != .drop else { return nil }
                return Resource.Attribute(
                    key: attribute.key,
                    value: .string(text(instead: Array(attribute.value.text.utf8))))
            }
            guard case .string(let value) = attribute.value, mayHold(Array(value.utf8).span) else {
                return attribute
            }
            var output: [UInt8] = []
            append(Array(value.utf8).span, isJSON: false, to: &output)
            isChanged = true
            return Resource.Attribute(
                key: attribute.key, value: .string(String(decoding: output, as: UTF8.self)))
        }
        return isChanged ? Resource(attributes) : resource
    }

    /// A column of a named field: text in its place, whatever it was.
    private func replaced(_ column: Column) -> Column {
        var result = Column(name: column.name, space: column.space, kind: .string)
        result.rows = column.rows
        for index in column.rows.indices {
            result.bytes += Array(text(instead: Array(column.value(at: index).text.utf8)).utf8)
            result.ends.append(UInt32(clamping: result.bytes.count))
        }
        return result
    }

    private func text(instead value: [UInt8]) -> String {
        switch action {
        case .mask: String(decoding: Self.mask, as: UTF8.self)
        case .drop: ""
        case .hash:
            // Enough to join by, too little to find a value by trying without the key.
            "h:"
                + HMAC<SHA256>.authenticationCode(for: value, using: key).prefix(8)
                .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    private func mayHold(_ bytes: Span<UInt8>) -> Bool {
        if !patterns.isEmpty { return true }
        return Detectors.mayHold(bytes, detectors) || names.mayStand(in: bytes)
    }

    /// Writes a text without what must not be in it.
    private func append(_ text: Span<UInt8>, isJSON: Bool, to output: inout [UInt8]) {
        guard mayHold(text) else {
            for index in text.indices { output.append(text[index]) }
            return
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for index in text.indices { bytes.append(text[index]) }
        var ranges = names.values(in: bytes)
        ranges += Detectors.find(in: bytes, detectors)
        for pattern in patterns { ranges += matches(of: pattern, in: bytes) }
        ranges.sort { ($0.lowerBound, $1.upperBound) < ($1.lowerBound, $0.upperBound) }
        let outputStart = output.count
        var (position, isQuoted) = (0, false)
        for range in ranges where range.upperBound > position && !range.isEmpty {
            let start = max(range.lowerBound, position)
            if isJSON { isQuoted = Self.isQuoted(bytes[position..<start], isQuoted) }
            output += bytes[position..<start]
            // A number of JSON becomes a string.
            let quote = isJSON && !isQuoted ? "\"" : ""
            let value = self.text(instead: Array(bytes[start..<range.upperBound]))
            output += Array((quote + value + quote).utf8)
            position = range.upperBound
        }
        output += bytes[position...]
        if isJSON, !JSONTrim.isJSON(output.span.extracting(outputStart..<output.count)) {
            output.removeLast(output.count - outputStart)
            output += Array("\"".utf8) + Self.mask + Array("\"".utf8)
        }
    }

    /// Whether a string of JSON goes on behind `bytes`.
    private static func isQuoted(_ bytes: ArraySlice<UInt8>, _ before: Bool) -> Bool {
        var isQuoted = before
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\"), isQuoted {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            }
        }
        return isQuoted
    }

    private func matches(of pattern: Regex, in bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var position = 0
        while position <= bytes.count,
            let range = pattern.firstMatch(in: bytes.span, from: position)?.range
        {
            if !range.isEmpty { ranges.append(range) }
            position = max(range.upperBound, position + 1)
        }
        return ranges
    }
}
