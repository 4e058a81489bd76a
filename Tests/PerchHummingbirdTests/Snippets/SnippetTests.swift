import Foundation
import Testing

/// Every block of Swift on the pages of the SDK stands in a compiled file, word by word.
@Suite struct SnippetTests {
    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent()
    private static let pages = folder.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/sdk")

    private static func texts(in folder: URL, ending suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent.hasSuffix(suffix) }
            .map { try String(contentsOf: $0, encoding: .utf8) }
    }

    /// The lines between two marks, without the indentation that they share.
    private static func blocks(_ text: String, from first: String, to last: String) -> [String] {
        var blocks: [String] = []
        var lines: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let mark = line.drop { $0 == " " }
            if lines == nil {
                if mark == first { lines = [] }
            } else if mark == last {
                let all = lines ?? []
                let depth =
                    all.filter { !$0.isEmpty }
                    .map { $0.prefix { $0 == " " }.count }.min() ?? 0
                blocks.append(all.map { String($0.dropFirst(depth)) }.joined(separator: "\n"))
                lines = nil
            } else {
                lines?.append(line)
            }
        }
        return blocks
    }

    @Test func everyBlockOfThePagesIsCompiled() throws {
        let compiled = Set(
            try Self.texts(in: Self.folder, ending: ".swift").flatMap {
                Self.blocks($0, from: "// begin", to: "// end")
            })
        let shown = try Self.texts(in: Self.pages, ending: ".md").flatMap {
            Self.blocks($0, from: "```swift", to: "```")
        }
        #expect(shown.count >= 10)
        for block in shown { #expect(compiled.contains(block), "not compiled:\n\(block)") }
        for block in compiled { #expect(shown.contains(block), "not shown:\n\(block)") }
    }
}
