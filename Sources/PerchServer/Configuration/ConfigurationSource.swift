import Foundation
package import PerchAccess

/// Where a server's configuration comes from: a file, the environment, the command line.
package struct ConfigurationSource: Sendable {
    private let path: String?
    private let environment: [String: String]
    private let overrides: [(key: String, value: String)]

    /// Remembers where to read from, and reads nothing yet.
    ///
    /// `path` is the file, or nil for `perch.yml` where there is one; `overrides` are keys and
    /// values of the command line.
    package init(
        path: String?, environment: [String: String], overrides: [(key: String, value: String)]
    ) {
        self.path = path
        self.environment = environment
        self.overrides = overrides
    }

    /// Reads everything, also a second time after a change.
    package func read() throws -> PerchConfiguration {
        try readWithPlaces().configuration
    }

    /// As `read`, and also tries the files that the configuration names, as a start would.
    package func check() throws -> PerchConfiguration {
        let read = try readWithPlaces()
        do {
            try read.configuration.checkFiles()
        } catch {
            throw read.places.placed(error)
        }
        return read.configuration
    }

    private func readWithPlaces() throws -> PlacedConfiguration {
        try ConfigurationReader.readWithPlaces(
            text: try text(), file: path ?? "perch.yml", environment: environment,
            overrides: overrides)
    }

    /// Keys that the operator set by the environment: `PERCH_ADMIN_TOKEN`, `PERCH_INGEST_KEY`, or
    /// the same with `_FILE` for a file that holds them.
    package func environmentSecrets() throws -> [(secret: String, kind: KeyKind)] {
        let names: [(name: String, kind: KeyKind)] = [
            ("PERCH_ADMIN_TOKEN", .admin), ("PERCH_INGEST_KEY", .ingest),
        ]
        return try names.compactMap { name, kind in
            var secret = environment[name]
            if let file = environment[name + "_FILE"] {
                guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                    throw ConfigurationFailure(
                        place: name + "_FILE", message: "cannot read \(file)")
                }
                secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
            }
            guard let secret, !secret.isEmpty else { return nil }
            guard secret.count >= 16 else {
                throw ConfigurationFailure(
                    place: name, message: "a secret needs at least 16 characters")
            }
            return (secret, kind)
        }
    }

    private func text() throws -> String? {
        let file = path ?? "perch.yml"
        guard FileManager.default.fileExists(atPath: file) else {
            guard path != nil else { return nil }
            throw ConfigurationFailure(place: file, message: "there is no such file")
        }
        let data = try Data(contentsOf: URL(filePath: file))
        guard data.count <= ConfigurationReader.fileByteCountMax else {
            throw ConfigurationFailure(place: file, message: "the file is over 1 MiB")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw ConfigurationFailure(place: file, message: "the file is not UTF-8 text")
        }
        return text
    }
}
