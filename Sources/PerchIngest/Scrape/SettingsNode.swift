/// A value of a settings file, with where it stands: what a YAML or JSON reader gives.
package struct SettingsNode: Sendable {
    package indirect enum Value: Sendable {
        case null
        /// The text of a scalar; whether it was quoted does not matter to any key.
        case scalar(String)
        case list([SettingsNode])
        case map([(key: SettingsNode, value: SettingsNode)])
    }

    package var value: Value
    /// From 1; 0 when it is not known.
    package var line: Int
    package var column: Int

    package init(_ value: Value, line: Int = 0, column: Int = 0) {
        self.value = value
        self.line = line
        self.column = column
    }
}

/// What is wrong with a settings file.
package struct SettingsMistake: Error, Sendable, Equatable, CustomStringConvertible {
    package var message: String
    package var line: Int
    package var column: Int

    init(_ message: String, at node: SettingsNode) {
        self.message = message
        line = node.line
        column = node.column
    }

    package var description: String {
        line == 0 ? message : "line \(line), column \(column): \(message)"
    }
}

/// The keys of a mapping, taken one by one, so that what nobody takes is found.
struct SettingsSection {
    private var entries: [String: (key: SettingsNode, value: SettingsNode)] = [:]
    private let node: SettingsNode

    init(_ node: SettingsNode) throws(SettingsMistake) {
        self.node = node
        switch node.value {
        case .null: return
        case .map(let pairs):
            for (key, value) in pairs {
                guard case .scalar(let name) = key.value else {
                    throw SettingsMistake("a key must be a word", at: key)
                }
                guard entries.updateValue((key, value), forKey: name) == nil else {
                    throw SettingsMistake("the key \(name) stands twice", at: key)
                }
            }
        case .scalar, .list: throw SettingsMistake("expected a mapping", at: node)
        }
    }

    /// The node of a key, unless it is left out or null.
    mutating func take(_ name: String) -> SettingsNode? {
        guard let value = entries.removeValue(forKey: name)?.value else { return nil }
        if case .null = value.value { return nil }
        return value
    }

    mutating func text(_ name: String) throws(SettingsMistake) -> String? {
        try take(name).map { node throws(SettingsMistake) in try Self.text(node) }
    }

    mutating func texts(_ name: String) throws(SettingsMistake) -> [String]? {
        guard let list = try list(name) else { return nil }
        return try list.map { node throws(SettingsMistake) in try Self.text(node) }
    }

    mutating func list(_ name: String) throws(SettingsMistake) -> [SettingsNode]? {
        guard let node = take(name) else { return nil }
        guard case .list(let items) = node.value else {
            throw SettingsMistake("\(name) must be a list", at: node)
        }
        return items
    }

    mutating func flag(_ name: String) throws(SettingsMistake) -> Bool? {
        guard let node = take(name) else { return nil }
        switch try Self.text(node) {
        case "true", "True", "TRUE", "yes", "on": return true
        case "false", "False", "FALSE", "no", "off": return false
        default: throw SettingsMistake("\(name) must be true or false", at: node)
        }
    }

    mutating func number(_ name: String) throws(SettingsMistake) -> Int? {
        guard let node = take(name) else { return nil }
        guard let number = Int(try Self.text(node)), number >= 0 else {
            throw SettingsMistake("\(name) must be a number from 0", at: node)
        }
        return number
    }

    /// Nanoseconds of a duration.
    mutating func duration(_ name: String) throws(SettingsMistake) -> Int64? {
        guard let node = take(name) else { return nil }
        let text = try Self.text(node)
        guard let nanos = ScrapeText.duration(text) else {
            throw SettingsMistake("not a valid duration string: \"\(text)\"", at: node)
        }
        return nanos
    }

    mutating func byteCount(_ name: String) throws(SettingsMistake) -> Int? {
        guard let node = take(name) else { return nil }
        guard let count = ScrapeText.byteCount(try Self.text(node)) else {
            throw SettingsMistake("\(name) must be a size as 10MB", at: node)
        }
        return count
    }

    /// A mapping of words to texts.
    mutating func texts(byName name: String) throws(SettingsMistake) -> [(String, String)] {
        guard let node = take(name) else { return [] }
        guard case .map(let pairs) = node.value else {
            throw SettingsMistake("\(name) must be a mapping", at: node)
        }
        return try pairs.map { pair throws(SettingsMistake) in
            (try Self.text(pair.key), try Self.text(pair.value))
        }
    }

    static func text(_ node: SettingsNode) throws(SettingsMistake) -> String {
        switch node.value {
        case .scalar(let text): return text
        case .null: return ""
        case .list, .map: throw SettingsMistake("expected a text", at: node)
        }
    }

    /// Refuses keys that nobody took.
    func finish(_ what: String) throws(SettingsMistake) {
        guard let (name, entry) = entries.min(by: { $0.value.key.line < $1.value.key.line }) else {
            return
        }
        throw SettingsMistake("field \(name) not found in \(what)", at: entry.key)
    }

    /// Takes keys that have no effect here, and says so of those that are there.
    mutating func notes(_ names: [String], _ why: String) -> [String] {
        names.compactMap { name in
            guard let entry = entries.removeValue(forKey: name) else { return nil }
            return "line \(entry.key.line): \(name) \(why)"
        }
    }

    /// Leaves keys alone that are another reader's.
    mutating func skip(_ names: [String]) {
        for name in names { entries[name] = nil }
    }
}
