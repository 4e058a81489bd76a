import Testing

/// Links, names and commands in Markdown.
enum Markdown {
    /// Links to local files that lead nowhere.
    static func linkFindings(
        in files: [SourceFile], exists: (String) -> Bool = Repository.exists
    ) -> [Finding] {
        files.flatMap { file -> [Finding] in
            prose(of: file).flatMap { number, line in
                targets(in: line).compactMap { target in
                    guard let path = resolve(target, from: file.path), !exists(path) else {
                        return nil
                    }
                    return Finding(
                        path: file.path, line: number,
                        message: "the link to \(target) leads nowhere")
                }
            }
        }
    }

    /// The numbered lines outside fenced blocks.
    static func prose(of file: SourceFile) -> [(number: Int, line: Substring)] {
        var isFenced = false
        var result: [(number: Int, line: Substring)] = []
        for (index, line) in file.lines.enumerated() {
            if line.hasPrefix("```") {
                isFenced.toggle()
            } else if !isFenced {
                result.append((index + 1, line))
            }
        }
        return result
    }

    /// The numbered lines inside blocks fenced as `language`.
    static func fenced(_ language: String, in file: SourceFile) -> [(number: Int, line: Substring)]
    {
        var isInside = false
        var result: [(number: Int, line: Substring)] = []
        for (index, line) in file.lines.enumerated() {
            if line.hasPrefix("```") {
                isInside = !isInside && line == "```" + language
            } else if isInside {
                result.append((index + 1, line))
            }
        }
        return result
    }

    /// The pieces between single backquotes outside fenced blocks.
    static func quoted(in file: SourceFile) -> [(number: Int, text: String)] {
        prose(of: file).flatMap { number, line in
            line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { !$0.offset.isMultiple(of: 2) }
                .map { (number, String($0.element)) }
        }
    }

    private static func targets(in line: Substring) -> [String] {
        line.split(separator: "](").dropFirst().compactMap { piece in
            piece.firstIndex(of: ")").map { String(piece[..<$0]) }
        }
    }

    /// The path from the root, or nil for what is not a local file.
    private static func resolve(_ target: String, from path: String) -> String? {
        guard !target.contains("://"), !target.hasPrefix("#"), !target.hasPrefix("mailto:") else {
            return nil
        }
        var parts = path.split(separator: "/").dropLast().map(String.init)
        for part in target.split(separator: "#")[0].split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }
}

@Suite struct MarkdownTests {
    @Test func everyLocalLinkLeadsSomewhere() {
        expectNone(Markdown.linkFindings(in: Repository.markdown))
    }

    @Test func aDeadLinkIsFound() {
        let bad = SourceFile(
            path: "docs/a.md",
            text: """
                [ok](https://example.com/x) [ok](#here) [ok](../b.md#part)
                ```
                [not a link](nowhere.md)
                ```
                [dead](c.md)
                """)
        let found = Markdown.linkFindings(in: [bad]) { $0 == "b.md" }
        #expect(found.map(\.line) == [5])
    }
}

/// `ARCHITECTURE.md` names symbols; they exist.
enum Architecture {
    /// Symbols in backquotes, `Type` or `Type.member`, that no source declares.
    static func findings(in page: SourceFile, code: [SourceFile]) -> [Finding] {
        let declarations = code.map { Declarations(of: $0.code) }
        let modules = Set(Arrows.allowed.flatMap { [$0.key] + Array($0.value) })
        return Markdown.quoted(in: page).compactMap { number, text in
            guard let (type, member) = symbol(text), !modules.contains(type) else { return nil }
            guard declarations.contains(where: { $0.types.contains(type) }) else {
                return Finding(path: page.path, line: number, message: "no type \(type) in Sources")
            }
            let isDeclared = declarations.contains {
                ($0.types.contains(type) || $0.extended.contains(type))
                    && $0.members.contains(member ?? "")
            }
            guard member != nil, !isDeclared else { return nil }
            return Finding(path: page.path, line: number, message: "no \(text) in Sources")
        }
    }

    /// What one file declares.
    private struct Declarations {
        var types: Set<String> = []
        var extended: Set<String> = []
        var members: Set<String> = []

        init(of code: CodeText) {
            let typeWords: Set<Substring> = [
                "struct", "class", "enum", "protocol", "actor", "typealias",
            ]
            let memberWords: Set<Substring> = ["func", "var", "let", "case", "struct", "enum"]
            for line in code.lines {
                let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
                for (word, next) in zip(words, words.dropFirst()) {
                    if typeWords.contains(word) { types.insert(String(next)) }
                    if word == "extension" { extended.insert(String(next)) }
                    if memberWords.contains(word) { members.insert(String(next)) }
                }
            }
        }
    }

    /// A type and perhaps its member, when the text reads as one.
    private static func symbol(_ text: String) -> (type: String, member: String?)? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let first = parts[0].first, first.isUppercase,
            parts[0].allSatisfy({ $0.isLetter || $0.isNumber }),
            parts[0].contains(where: \.isLowercase)
        else { return nil }
        guard parts.count == 2 else { return (String(parts[0]), nil) }
        let member = parts[1].prefix { $0.isLetter || $0.isNumber }
        guard let initial = member.first, initial.isLowercase, !isFileEnding(member) else {
            return nil
        }
        return (String(parts[0]), String(member))
    }

    private static func isFileEnding(_ text: Substring) -> Bool {
        ["swift", "md", "resolved", "py", "sh"].contains(text)
    }
}

@Suite struct ArchitectureTests {
    @Test func everySymbolNamedExists() throws {
        let page = try #require(Repository.file("ARCHITECTURE.md"))
        expectNone(Architecture.findings(in: page, code: Repository.code))
    }

    @Test func aSymbolThatIsGoneIsFound() {
        let code = [
            SourceFile(
                path: "Sources/A/A.swift", text: "package struct Head {\n    func cut() {}\n}")
        ]
        let page = SourceFile(
            path: "ARCHITECTURE.md",
            text: "`Head` `Head.cut(now:)` `Package.swift` `SQL` `make run`\n`Tail`\n`Head.grow`\n")
        #expect(Architecture.findings(in: page, code: code).map(\.line) == [2, 3])
    }
}

/// The README: short, and every command in it is run.
enum Readme {
    static let linesMax = 150

    /// The commands that the README may show, each with what runs it.
    static let commands: Set<String> = [
        // Scripts/try-run.sh, from .ci/run.
        "make run",
        "make run DEMO=0",
        // .ci/run itself.
        "make test",
    ]

    static func findings(in page: SourceFile) -> [Finding] {
        var findings = Markdown.fenced("sh", in: page).compactMap { number, line -> Finding? in
            let command =
                line.split(separator: "  #", maxSplits: 1)[0...].first
                .map { $0.trimmingSuffix(" ") } ?? ""
            // Scripts/try-run.sh takes these from the page and runs them.
            if command.isEmpty || commands.contains(command) || isSent(command) { return nil }
            return Finding(path: page.path, line: number, message: "nothing runs `\(command)`")
        }
        if page.lines.count > linesMax {
            findings.append(
                Finding(path: page.path, line: linesMax, message: "over \(linesMax) lines"))
        }
        return findings
    }

    /// A request to the running server, or its continuation.
    private static func isSent(_ command: String) -> Bool {
        command.hasPrefix("curl ") && command.contains("http://127.0.0.1:9700/")
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(_ character: Character) -> String {
        var text = String(self)
        while text.last == character { text.removeLast() }
        return text
    }
}

@Suite struct ReadmeTests {
    @Test func theReadmeIsShortAndEveryCommandIsRun() throws {
        expectNone(Readme.findings(in: try #require(Repository.file("README.md"))))
    }

    @Test func continuousIntegrationRunsThem() throws {
        let script = try #require(Repository.file(".ci/run")).text
        for line in ["make lint", "make test", "Scripts/try-run.sh"] {
            #expect(script.contains(line))
        }
        let trial = try #require(Repository.file("Scripts/try-run.sh")).text
        #expect(trial.contains("make run") && trial.contains("DEMO=0"))
        #expect(trial.contains("README.md"))
    }

    @Test func aCommandThatNothingRunsIsFound() {
        let bad = SourceFile(
            path: "README.md",
            text: "```sh\nmake run  # starts it\nmake love\ncurl http://elsewhere/\n```\n")
        #expect(Readme.findings(in: bad).map(\.line) == [3, 4])
    }

    @Test func aLongReadmeIsFound() {
        let bad = SourceFile(path: "README.md", text: String(repeating: "a\n", count: 151))
        #expect(Readme.findings(in: bad).count == 1)
    }
}
