import Foundation
import Testing

/// What a package gets that takes the SDK (DEP-2).
struct ManifestTests {
    private static let manifest = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Package.swift")

    /// What stands between a target's name and the end of its list of dependencies.
    private static func block(_ name: String, _ text: String) throws -> Substring {
        let first = text.firstRange(of: "target(\n            \"\(name)\",")
        let start = try #require(
            first ?? text.firstRange(of: "target(\"\(name)\"")
                ?? text.firstRange(of: "target(name: \"\(name)\""), "no target of this name")
        let rest = text[start.upperBound...]
        let end = rest.firstMatch(of: /\),\n {8}[^ ]/)?.range.lowerBound
        return rest[..<(end ?? rest.endIndex)]
    }

    @Test("DEP-2: the SDK is one dependency, and none of its targets needs the server's")
    func targets() throws {
        let text = try String(contentsOf: Self.manifest, encoding: .utf8)
        var seen: Set<String> = []
        var waiting = ["Perch"]
        while let name = waiting.popLast() {
            guard seen.insert(name).inserted else { continue }
            let list = try Self.block(name, text).prefix { $0 != "]" }
            #expect(!list.contains("server("), "\(name) needs a part of the server")
            #expect(!list.contains("hummingbird("), "\(name) needs Hummingbird")
            for word in list.matches(of: /"(C?Perch[A-Za-z]*)"/) { waiting.append(String(word.1)) }
        }
        #expect(
            seen == [
                "Perch", "PerchModel", "PerchWire", "PerchBytes", "CPerchBytes", "CPerchCrash",
            ])
        for product in ["Perch", "PerchHummingbird", "PerchTesting"] {
            #expect(text.contains(".library(name: \"\(product)\""))
        }
    }
}
