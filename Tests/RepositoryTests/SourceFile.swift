import Foundation

/// One text file of the repository.
struct SourceFile {
    /// From the root, with slashes.
    let path: String
    let text: String
    /// What of the text is code, for a Swift file; scanned once, since every rule asks.
    let code: CodeText

    init(path: String, text: String) {
        self.path = path
        self.text = text
        code = CodeText(path.hasSuffix(".swift") ? text : "")
    }

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The first folder below `Sources`, or nil.
    var target: String? {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources" else { return nil }
        return String(parts[1])
    }

    var name: String { String(path.split(separator: "/").last ?? "") }
}

/// The files of the repository that rules look at.
enum Repository {
    /// The folder with `Package.swift`: from the environment, or from where this file really is.
    static let root: URL = {
        if let path = ProcessInfo.processInfo.environment["PERCH_ROOT"], !path.isEmpty {
            return URL(fileURLWithPath: path, isDirectory: true)
        }
        return URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }()

    /// The Swift files of the product: libraries, programs and the demo.
    static let code = swift(in: ["Sources", "Examples"])

    /// All Swift files.
    static let swift = swift(in: ["Sources", "Examples", "Tests", "Fuzz", "Benchmarks"])

    /// All Markdown files.
    static let markdown = files(in: ["."], suffixes: [".md"])

    /// One file, or nil.
    static func file(_ path: String) -> SourceFile? {
        let address = root.appendingPathComponent(path)
        guard let data = try? Data(contentsOf: address) else { return nil }
        return SourceFile(path: path, text: String(decoding: data, as: UTF8.self))
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    /// The files below some folders whose names end in one of `suffixes`, sorted by path.
    static func files(in folders: [String], suffixes: [String]) -> [SourceFile] {
        var paths: [String] = []
        for folder in folders { collect(folder, suffixes, into: &paths) }
        return paths.sorted().compactMap(file)
    }

    /// The folders directly in `folder`, sorted.
    static func folders(in folder: String) -> [String] {
        names(in: folder).filter { isFolder(folder + "/" + $0) }
    }

    private static func swift(in folders: [String]) -> [SourceFile] {
        files(in: folders, suffixes: [".swift"])
    }

    /// Made by tools or by running, so not ours to judge.
    private static let skipped: Set<String> = ["data", "dist", "Screenshots", "checkouts"]

    private static func collect(_ folder: String, _ suffixes: [String], into paths: inout [String])
    {
        for name in names(in: folder) where !name.hasPrefix(".") && !skipped.contains(name) {
            let path = folder == "." ? name : folder + "/" + name
            if isFolder(path) {
                collect(path, suffixes, into: &paths)
            } else if suffixes.contains(where: name.hasSuffix) {
                paths.append(path)
            }
        }
    }

    private static func names(in folder: String) -> [String] {
        let path = root.appendingPathComponent(folder).path
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    private static func isFolder(_ path: String) -> Bool {
        let values = try? root.appendingPathComponent(path).resourceValues(forKeys: [
            .isDirectoryKey
        ])
        return values?.isDirectory ?? false
    }
}
