import Testing

/// How long a file or a function may be.
enum Lengths {
    static let fileLinesMax = 800
    static let functionLinesMax = 70

    /// Files allowed to be longer, with their length when they were listed.
    ///
    /// May only shrink.
    static let longFiles: [String: Int] = [:]

    /// Functions allowed to be longer, as `path:name`.
    ///
    /// May only shrink.
    static let longFunctions: Set<String> = []

    static func fileFindings(in files: [SourceFile]) -> [Finding] {
        files.compactMap { file in
            let count = file.lines.count - 1
            let allowed = longFiles[file.path] ?? fileLinesMax
            guard count > allowed else { return nil }
            return Finding(
                path: file.path, line: count, message: "\(count) lines; at most \(allowed)")
        }
    }

    static func functionFindings(in files: [SourceFile]) -> [Finding] {
        files.flatMap { file in
            functions(in: file.code).compactMap { function in
                guard function.lineCount > functionLinesMax,
                    !longFunctions.contains("\(file.path):\(function.name)")
                else { return nil }
                return Finding(
                    path: file.path, line: function.line,
                    message:
                        "\(function.name) has \(function.lineCount) lines; at most \(functionLinesMax)"
                )
            }
        }
    }

    /// A function with a body.
    struct Function: Equatable {
        var name: String
        /// Of its keyword, from 1.
        var line: Int
        /// From the keyword to the closing brace.
        var lineCount: Int
    }

    /// All functions, initialisers and subscripts with a body, nested ones included.
    static func functions(in code: CodeText) -> [Function] {
        var functions: [Function] = []
        for (index, line) in code.lines.enumerated() {
            guard let name = declaredFunction(in: line),
                let end = endOfBody(in: code.lines, from: index)
            else { continue }
            functions.append(
                Function(name: name, line: index + 1, lineCount: end - index + 1))
        }
        return functions
    }

    private static func declaredFunction(in line: String) -> String? {
        let words = line.split { " \t(<{?".contains($0) }
        if let place = words.firstIndex(of: "func"), place + 1 < words.count {
            return String(words[place + 1])
        }
        let modifiers: Set<Substring> = [
            "public", "package", "internal", "fileprivate", "private", "convenience", "required",
            "override", "nonisolated", "static", "mutating", "@inlinable",
        ]
        guard let first = words.first(where: { !modifiers.contains($0) }) else { return nil }
        return ["init", "subscript", "deinit"].contains(first) ? String(first) : nil
    }

    /// The index of the line with the brace that closes the first body after `start`; nil for a
    /// declaration without a body, as in a protocol.
    private static func endOfBody(in lines: [String], from start: Int) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in start..<lines.count {
            let isNextDeclaration =
                index > start && parentheses == 0 && braces == 0
                && declaredFunction(in: lines[index]) != nil
            if isNextDeclaration { return nil }
            for character in lines[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{" where parentheses == 0 || braces > 0: braces += 1
                case "}" where braces > 0:
                    braces -= 1
                    if braces == 0 { return index }
                case "}" where parentheses == 0: return nil
                default: break
                }
            }
        }
        return nil
    }
}

@Suite struct LengthTests {
    @Test func noFileIsTooLong() {
        expectNone(Lengths.fileFindings(in: Repository.swift))
    }

    @Test func noFunctionIsTooLong() {
        expectNone(Lengths.functionFindings(in: Repository.swift))
    }

    @Test func exceptionsStillApply() {
        for (path, count) in Lengths.longFiles {
            let lines = (Repository.file(path)?.lines.count ?? 0) - 1
            #expect(lines > Lengths.fileLinesMax, "\(path) may leave the list")
            #expect(lines <= count, "\(path) grew")
        }
        let functions = Repository.swift.flatMap { file in
            Lengths.functions(in: file.code)
                .filter { $0.lineCount > Lengths.functionLinesMax }
                .map { "\(file.path):\($0.name)" }
        }
        #expect(Lengths.longFunctions.isSubset(of: functions))
    }

    @Test func aLongFileIsFound() {
        let text = String(repeating: "let a = 1\n", count: 801)
        #expect(Lengths.fileFindings(in: [SourceFile(path: "a.swift", text: text)]).count == 1)
    }

    @Test func aLongFunctionIsFound() {
        let body = String(repeating: "    if a { b(\"}\") }\n", count: 69)
        for head in ["func long() {", "package init(a: (Int) -> Int = { $0 }) {"] {
            let text = "protocol P {\n    func short()\n}\n\(head)\n\(body)}\n"
            let found = Lengths.functionFindings(in: [SourceFile(path: "a.swift", text: text)])
            #expect(found.map(\.line) == [4])
        }
    }

    @Test func aFunctionOfTheLongestLengthIsNot() {
        let text = "func long() {\n" + String(repeating: "    a()\n", count: 68) + "}\n"
        #expect(Lengths.functions(in: CodeText(text)).map(\.lineCount) == [70])
        #expect(Lengths.functionFindings(in: [SourceFile(path: "a.swift", text: text)]) == [])
    }
}
