import Foundation

/// Where an export goes: standard output, or a file that has its name only when it is complete.
final class ExportFile {
    private static let end = Array("# EOF\n".utf8)

    private let handle: FileHandle
    private let path: String?
    /// The last bytes that were written.
    private var tail: [UInt8] = []

    init(_ path: String?) throws {
        self.path = path
        guard let path else {
            handle = .standardOutput
            return
        }
        let partial = URL(filePath: path + ".partial")
        try Data().write(to: partial)
        handle = try FileHandle(forWritingTo: partial)
    }

    func write(_ bytes: [UInt8]) throws {
        try handle.write(contentsOf: Data(bytes))
        tail = (tail + bytes.suffix(Self.end.count)).suffix(Self.end.count)
    }

    /// Throws when the text is not complete.
    func finish() throws {
        guard tail == Self.end else {
            throw QueryClient.Failure(
                description: "the export ended early; the server's log has the reason")
        }
        guard let path else { return }
        try handle.synchronize()
        try handle.close()
        if FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
        try FileManager.default.moveItem(atPath: path + ".partial", toPath: path)
    }
}
