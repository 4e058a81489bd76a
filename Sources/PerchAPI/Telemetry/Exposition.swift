/// Prometheus' text format, version 0.0.4, for the server's own metrics.
package struct Exposition: Sendable {
    /// The content type of the text.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The text so far.
    package private(set) var text = ""

    package init() {}

    /// Begins a family.
    ///
    /// Its samples follow.
    package mutating func family(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    /// One sample.
    package mutating func sample(
        _ name: String, _ labels: [(name: String, value: String)] = [], _ value: Double
    ) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
            text += "{" + pairs.joined(separator: ",") + "}"
        }
        let whole = Int64(exactly: value)
        text += " " + (whole.map { String($0) } ?? String(value)) + "\n"
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
