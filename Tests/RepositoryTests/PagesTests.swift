import Foundation
import Testing

/// What code says of disk and metrics stands in the documents too.
enum Pages {
    /// The string constants of files named `FileNames.swift`: names and endings of files on disk.
    static func fileKinds(in files: [SourceFile]) -> [(path: String, line: Int, text: String)] {
        files.filter { $0.name == "FileNames.swift" }.flatMap { file in
            constants(in: file).map { (file.path, $0.line, $0.text) }
        }
    }

    /// File kinds that no page of `docs/format` names.
    static func formatFindings(in files: [SourceFile], pages: [SourceFile]) -> [Finding] {
        fileKinds(in: files).compactMap { kind in
            guard !pages.contains(where: { $0.text.contains(kind.text) }) else { return nil }
            return Finding(
                path: kind.path, line: kind.line,
                message: "no page in docs/format names \"\(kind.text)\"")
        }
    }

    /// Metric names that only code or only the page has.
    static func metricFindings(in files: [SourceFile], page: SourceFile) -> [Finding] {
        let inCode = files.filter { $0.name == "MetricNames.swift" }.flatMap { file in
            constants(in: file).map { (path: file.path, line: $0.line, text: $0.text) }
        }
        let inPage = Markdown.quoted(in: page).filter { isMetric($0.text) }
            .map { (line: $0.number, text: String($0.text.prefix { $0 != "{" })) }
        let missing = inCode.filter { name in !inPage.contains { $0.text == name.text } }
            .map {
                Finding(path: $0.path, line: $0.line, message: "\($0.text) is not in \(page.path)")
            }
        let gone = inPage.filter { name in !inCode.contains { $0.text == name.text } }
            .map { Finding(path: page.path, line: $0.line, message: "no code has \($0.text)") }
        return missing + gone
    }

    private static func isMetric(_ text: String) -> Bool {
        text.hasPrefix("perch_") || text.hasPrefix("process_")
    }

    /// Each `static let name = "text"`.
    private static func constants(in file: SourceFile) -> [(line: Int, text: String)] {
        file.lines.enumerated().compactMap { index, line in
            guard line.contains("static let "), let start = line.range(of: " = \"")?.upperBound,
                let end = line[start...].firstIndex(of: "\"")
            else { return nil }
            return (index + 1, String(line[start..<end]))
        }
    }
}

@Suite struct PagesTests {
    @Test func everyFileKindHasItsPage() {
        let pages = Repository.files(in: ["docs/format"], suffixes: [".md"])
        expectNone(Pages.formatFindings(in: Repository.code, pages: pages))
    }

    @Test func metricNamesAreThoseOfThePage() throws {
        let page = try #require(Repository.file("docs/operating/metrics.md"))
        let files = Repository.code.filter { !$0.path.hasPrefix("Examples/") }
        expectNone(Pages.metricFindings(in: files, page: page))
    }

    @Test func aFileKindWithoutItsPageIsFound() {
        let names = SourceFile(
            path: "Sources/A/FileNames.swift",
            text: "static let log = \"wal\"\nstatic let b = \"seg\"")
        let page = SourceFile(path: "docs/format/log.md", text: "Files end in `.wal`.")
        #expect(Pages.formatFindings(in: [names], pages: [page]).map(\.line) == [2])
    }

    @Test func metricNamesThatDifferAreFound() {
        let names = SourceFile(path: "MetricNames.swift", text: "static let up = \"perch_up\"")
        let page = SourceFile(path: "metrics.md", text: "| `perch_down` | `perch_down{a}` |")
        let found = Pages.metricFindings(in: [names], page: page)
        #expect(found.map(\.path) == ["MetricNames.swift", "metrics.md", "metrics.md"])
    }
}
