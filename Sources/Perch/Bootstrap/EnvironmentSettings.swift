/// Reads numbers and choices out of the environment, by keys with dots for the underscores.
struct EnvironmentSettings {
    private let text: (String) -> String?

    init(_ text: @escaping (String) -> String?) {
        self.text = text
    }

    subscript(key: String) -> String? { text(key) }

    /// Milliseconds above 0.
    func duration(_ key: String) throws(PerchOptionsFailure) -> Duration? {
        guard let text = text(key) else { return nil }
        guard let count = Int64(text), count > 0, count < 1 << 40 else {
            throw PerchOptionsFailure(Self.name(of: key), text, "milliseconds above 0")
        }
        return .milliseconds(count)
    }

    /// A number above 0.
    func count(_ key: String) throws(PerchOptionsFailure) -> Int? {
        guard let text = text(key) else { return nil }
        guard let count = Int(text), count > 0, count < 1 << 40 else {
            throw PerchOptionsFailure(Self.name(of: key), text, "a number above 0")
        }
        return count
    }

    /// Whether something is on.
    func flag(_ key: String) throws(PerchOptionsFailure) -> Bool? {
        guard let text = text(key) else { return nil }
        switch text.lowercased() {
        case "on", "true", "1": return true
        case "off", "false", "0": return false
        default: throw PerchOptionsFailure(Self.name(of: key), text, "on, off")
        }
    }

    /// One of the words of a type.
    func choice<Choice: RawRepresentable<String>>(
        _ key: String, _ words: String
    ) throws(PerchOptionsFailure) -> Choice? {
        guard let text = text(key) else { return nil }
        guard let choice = Choice(rawValue: text.lowercased()) else {
            throw PerchOptionsFailure(Self.name(of: key), text, words)
        }
        return choice
    }

    private static func name(of key: String) -> String {
        key.split(separator: ".").joined(separator: "_").uppercased()
    }
}
