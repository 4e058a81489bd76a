import Logging
import PerchModel

/// Writes nested JSON and sets the commas.
struct JSONOutput {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    mutating func object(_ body: (inout JSONOutput) -> Void) {
        nested(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    mutating func object(_ key: String, _ body: (inout JSONOutput) -> Void) {
        self.key(key)
        object(body)
    }

    mutating func array(_ key: String, _ body: (inout JSONOutput) -> Void) {
        self.key(key)
        nested(UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    /// A member that is left out when there is no value.
    mutating func text(_ key: String, _ value: String?) {
        guard let value else { return }
        self.key(key)
        string(value)
    }

    mutating func number(_ key: String, _ value: (some BinaryInteger)?) {
        guard let value else { return }
        self.key(key)
        bytes.append(contentsOf: "\(value)".utf8)
        needsComma = true
    }

    mutating func flag(_ key: String, _ value: Bool) {
        self.key(key)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
        needsComma = true
    }

    /// Nanoseconds since 1970, as seconds.
    mutating func time(_ key: String, _ time: Int64) {
        self.key(key)
        let micros = max(0, time) / 1000
        let fraction = "\(1_000_000 + micros % 1_000_000)".dropFirst()
        bytes.append(contentsOf: "\(micros / 1_000_000).\(fraction)".utf8)
        needsComma = true
    }

    mutating func texts(_ key: String, _ values: [String: String]) {
        guard !values.isEmpty else { return }
        object(key) { output in
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                output.text(name, value)
            }
        }
    }

    mutating func metadata(_ key: String, _ values: Logger.Metadata) {
        guard !values.isEmpty else { return }
        self.key(key)
        LogJSON.append(.dictionary(values), to: &bytes)
        needsComma = true
    }

    /// An element of an array.
    mutating func string(_ value: String) {
        comma()
        JSONText.appendString(value, to: &bytes)
        needsComma = true
    }

    private mutating func key(_ key: String) {
        comma()
        JSONText.appendString(key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func nested(
        _ open: UInt8, _ close: UInt8, _ body: (inout JSONOutput) -> Void
    ) {
        comma()
        bytes.append(open)
        needsComma = false
        body(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func comma() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }
}
