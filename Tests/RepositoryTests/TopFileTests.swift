import Testing

/// A target opens with a file of its own name that introduces it and holds no code.
enum TopFiles {
    static let linesMax = 40

    static func finding(target: String, file: SourceFile?) -> Finding? {
        let path = "Sources/\(target)/\(target).swift"
        guard let file else { return Finding(path: path, line: 1, message: "missing") }
        let lines = file.lines.filter { !$0.isEmpty }
        if let number = file.lines.firstIndex(where: { !$0.isEmpty && !$0.hasPrefix("//") }) {
            return Finding(path: path, line: number + 1, message: "holds more than comments")
        }
        if lines.first?.hasPrefix("// \(target): ") != true {
            return Finding(
                path: path, line: 1, message: "begins with `// \(target): ` and what it is")
        }
        if lines.count > linesMax {
            return Finding(path: path, line: linesMax, message: "over \(linesMax) lines")
        }
        return nil
    }
}

@Suite struct TopFileTests {
    @Test(arguments: Repository.folders(in: "Sources").filter { !$0.hasPrefix("C") })
    func aTargetIsIntroduced(_ target: String) {
        let file = Repository.file("Sources/\(target)/\(target).swift")
        expectNone([TopFiles.finding(target: target, file: file)].compactMap { $0 })
    }

    @Test(arguments: ["let a = 1\n", "// PerchX\n", "// PerchX: it is.\nlet a = 1\n", ""])
    func aBadTopFileIsFound(_ text: String) {
        let file = SourceFile(path: "Sources/PerchX/PerchX.swift", text: text)
        #expect(TopFiles.finding(target: "PerchX", file: file) != nil)
    }

    @Test func aMissingTopFileIsFound() {
        #expect(TopFiles.finding(target: "PerchX", file: nil) != nil)
    }

    @Test func aGoodTopFileIsNot() {
        let file = SourceFile(path: "", text: "// PerchX: what it is.\n//\n// More.\n")
        #expect(TopFiles.finding(target: "PerchX", file: file) == nil)
    }
}
