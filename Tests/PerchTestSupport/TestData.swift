package import Foundation

/// The recorded data of the project's shared folder, which lies beside the checkout.
///
/// `PERCH_SHARED` in the environment says where it is when it is elsewhere. A checkout without it
/// skips the tests that need it: `.enabled(if: TestData.isAvailable)`.
package enum TestData {
    /// A recorded request.
    package struct Request: Sendable {
        package var file: String
        package var method: String
        package var path: String
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]

        /// The first header of a name, in any case.
        package func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    /// Why something could not be loaded.
    package struct Failure: Error {
        package var message: String

        package init(message: String) {
            self.message = message
        }
    }

    package static var isAvailable: Bool { root != nil }

    /// The folder `testdata`, or nil.
    package static let root: URL? = {
        var candidates: [URL] = []
        if let path = ProcessInfo.processInfo.environment["PERCH_SHARED"] {
            candidates.append(URL(fileURLWithPath: path))
        }
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            candidates.append(folder.appendingPathComponent("shared"))
        }
        return candidates.map { $0.appendingPathComponent("testdata") }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }()

    /// The bytes of a file, by its path within the folder.
    package static func bytes(_ path: String) throws -> [UInt8] {
        guard let root else { throw Failure(message: "no shared test data") }
        return Array(try Data(contentsOf: root.appendingPathComponent(path)))
    }

    /// A JSON file that holds an object.
    package static func object(_ path: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(try bytes(path)))
        guard let object = value as? [String: Any] else {
            throw Failure(message: "\(path) is no object")
        }
        return object
    }

    /// The requests of a folder of `otlp`, in the order sent.
    package static func otlpRequests(_ folder: String) throws -> [Request] {
        try requests("otlp/\(folder)")
    }

    /// The requests of a folder, in the order sent.
    package static func requests(_ folder: String) throws -> [Request] {
        guard let root else { throw Failure(message: "no shared test data") }
        let files = try FileManager.default.contentsOfDirectory(
            atPath: root.appendingPathComponent(folder).path
        ).filter { $0.hasSuffix(".request.json") }.sorted()
        return try files.map { try request(folder, $0) }
    }

    /// The JSON objects of a folder whose files end so, in the order of their names.
    package static func objects(in folder: String, suffix: String) throws -> [[String: Any]] {
        guard let root else { throw Failure(message: "no shared test data") }
        return try FileManager.default.contentsOfDirectory(
            atPath: root.appendingPathComponent(folder).path
        ).filter { $0.hasSuffix(suffix) }.sorted().map { try object("\(folder)/\($0)") }
    }

    private static func request(_ folder: String, _ file: String) throws -> Request {
        let object = try object("\(folder)/\(file)")
        let headers = object["headers"] as? [[String]] ?? []
        let bodyFile =
            object["body_file"] as? String ?? file.replacing(".request.json", with: ".body")
        return Request(
            file: file, method: object["method"] as? String ?? "POST",
            path: object["path"] as? String ?? "",
            headers: headers.filter { $0.count == 2 }.map { ($0[0], $0[1]) },
            body: try bytes("\(folder)/\(bodyFile)"))
    }
}
