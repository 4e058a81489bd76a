import Yams

/// Reads a configuration from the text of `perch.yml` and the environment.
package enum ConfigurationReader {
    /// The most bytes of a configuration file.
    package static let fileByteCountMax = 1 << 20

    /// The file's keys over the defaults, the environment over the file, `overrides` over both.
    ///
    /// `text` is the file's, or nil for none, and `file` its name, for errors; `overrides` are keys
    /// and values of the command line.
    package static func read(
        text: String?, file: String, environment: [String: String],
        overrides: [(key: String, value: String)] = []
    ) throws(ConfigurationFailure) -> PerchConfiguration {
        try readWithPlaces(
            text: text, file: file, environment: environment, overrides: overrides
        ).configuration
    }

    /// As `read`, and also tells where each key was set.
    static func readWithPlaces(
        text: String?, file: String, environment: [String: String],
        overrides: [(key: String, value: String)] = []
    ) throws(ConfigurationFailure) -> PlacedConfiguration {
        var read = PlacedConfiguration()
        if let text { try apply(text, file, to: &read) }
        for key in ConfigurationKey.all {
            guard let value = environment[key.environmentVariable] else { continue }
            let values =
                key.isList ? value.split(separator: ",").map { String($0) } : [value]
            try set(key, values, place: key.environmentVariable, in: &read)
        }
        for (name, value) in overrides {
            guard let key = ConfigurationKey.all.first(where: { $0.name == name }) else {
                preconditionFailure("no configuration key \(name)")
            }
            let option = "--" + name.replacing("_", with: "-")
            try set(key, [value], place: option, in: &read)
        }
        do {
            try read.configuration.check()
        } catch {
            throw read.places.placed(error)
        }
        return read
    }

    private static func apply(
        _ text: String, _ file: String, to read: inout PlacedConfiguration
    ) throws(ConfigurationFailure) {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw failure(error, file)
        } catch {
            throw ConfigurationFailure(place: file, message: "\(error)")
        }
        guard let node else { return }
        guard case .mapping(let mapping) = node else {
            throw ConfigurationFailure(
                place: place(node, file), message: "expected keys and values at the top")
        }
        try apply(mapping, prefix: "", file, to: &read)
    }

    private static func apply(
        _ mapping: Node.Mapping, prefix: String, _ file: String,
        to read: inout PlacedConfiguration
    ) throws(ConfigurationFailure) {
        for (keyNode, valueNode) in mapping {
            let name = prefix + (keyNode.string ?? "")
            if let key = ConfigurationKey.all.first(where: { $0.name == name }) {
                let values = try texts(valueNode, key, file)
                try set(key, values, place: place(valueNode, file), in: &read)
            } else if ConfigurationKey.all.contains(where: { $0.name.hasPrefix(name + ".") }) {
                // A section whose keys are all commented out.
                if valueNode.null != nil { continue }
                guard case .mapping(let inner) = valueNode else {
                    throw ConfigurationFailure(
                        place: place(valueNode, file), key: name, message: "expected keys below it")
                }
                try apply(inner, prefix: name + ".", file, to: &read)
            } else {
                throw unknown(name, place(keyNode, file))
            }
        }
    }

    private static func texts(
        _ node: Node, _ key: ConfigurationKey, _ file: String
    ) throws(ConfigurationFailure) -> [String] {
        switch node {
        case .scalar(let scalar) where !key.isList:
            return [scalar.string]
        case .sequence(let sequence) where key.isList:
            var texts: [String] = []
            for element in sequence {
                guard case .scalar(let scalar) = element else {
                    throw ConfigurationFailure(
                        place: place(element, file), key: key.name,
                        message: "expected \(key.expected)")
                }
                texts.append(scalar.string)
            }
            return texts
        default:
            throw ConfigurationFailure(
                place: place(node, file), key: key.name, message: "expected \(key.expected)")
        }
    }

    private static func set(
        _ key: ConfigurationKey, _ values: [String], place: String,
        in read: inout PlacedConfiguration
    ) throws(ConfigurationFailure) {
        guard key.set(values, &read.configuration) else {
            let got = values.joined(separator: ", ")
            throw ConfigurationFailure(
                place: place, key: key.name, message: "expected \(key.expected), got \"\(got)\"")
        }
        read.places.add(key.name, place)
    }

    private static func place(_ node: Node, _ file: String) -> String {
        guard let mark = node.mark else { return file }
        return "\(file):\(mark.line):\(mark.column)"
    }

    private static func failure(_ error: YamlError, _ file: String) -> ConfigurationFailure {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ConfigurationFailure(
                place: "\(file):\(mark.line):\(mark.column)", message: "YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            ConfigurationFailure(
                place: "\(file):\(context.mark.line):\(context.mark.column)",
                message: "keys given twice: \(duplicates.joined(separator: ", "))")
        default:
            ConfigurationFailure(place: file, message: "YAML: \(error)")
        }
    }

    private static func unknown(_ name: String, _ place: String) -> ConfigurationFailure {
        let nearest = ConfigurationKey.all.map(\.name)
            .min { distance($0, name) < distance($1, name) }
        let hint = nearest.flatMap { distance($0, name) <= 3 ? "; did you mean \($0)?" : nil }
        return ConfigurationFailure(
            place: place, key: name, message: "no such key\(hint ?? "")")
    }

    /// How many letters must change to make one word of the other (Levenshtein).
    private static func distance(_ first: String, _ second: String) -> Int {
        let first = Array(first.utf8)
        let second = Array(second.utf8.prefix(100))
        var row = Array(0...second.count)
        for (line, letter) in first.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in second.enumerated() {
                let cost = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(cost, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[second.count]
    }
}
