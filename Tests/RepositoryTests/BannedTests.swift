import Testing

/// Calls that have a better replacement here, and words that must not stay.
enum Banned {
    struct Call {
        var text: String
        var instead: String
        /// Where it is banned; the prefix of a path.
        var folders = ["Sources/", "Examples/", "Tests/"]
    }

    static let calls = [
        Call(
            text: "Date()", instead: "the clock you were given",
            folders: ["Sources/", "Examples/"]),
        Call(text: "fatalError(", instead: "`preconditionFailure` with the state, or throw"),
        Call(text: "DispatchQueue", instead: "a task or a Mutex"),
        Call(text: "try!", instead: "`try`, or an error that says what was expected"),
        Call(text: "print(", instead: "the logger you were given", folders: ["Sources/Perch"]),
    ]

    /// The command prints; that is what it is for.
    static let printers = "Sources/PerchCommand/"

    static func callFindings(in files: [SourceFile]) -> [Finding] {
        files.flatMap { file in
            let code = file.code
            return calls.flatMap { call -> [Finding] in
                let applies =
                    call.folders.contains(where: file.path.hasPrefix)
                    && !(call.text == "print(" && file.path.hasPrefix(printers))
                guard applies else { return [] }
                return code.lineNumbers(ofWord: call.text).map {
                    Finding(
                        path: file.path, line: $0,
                        message: "`\(call.text)` is banned; take \(call.instead)")
                }
            }
        }
    }

    /// Types that opt out of checking and are not argued for in `arguments`.
    static func sendableFindings(in files: [SourceFile], arguments: String) -> [Finding] {
        files.flatMap { file -> [Finding] in
            let code = file.code
            return code.lineNumbers(ofWord: "@unchecked").compactMap { number in
                let line = code.lines[number - 1]
                let type = typeName(in: line) ?? file.name.replacing(".swift", with: "")
                guard !arguments.contains("`\(type)`") else { return nil }
                return Finding(
                    path: file.path, line: number,
                    message: "take a Mutex, or argue for `\(type)` in \(Banned.argumentsPath)")
            }
        }
    }

    static let argumentsPath = "docs/internals/unchecked-sendable.md"

    private static func typeName(in line: String) -> String? {
        let words = line.split { " :<,".contains($0) }
        guard
            let place = words.firstIndex(where: {
                ["class", "struct", "enum", "extension"].contains($0)
            }),
            place + 1 < words.count
        else { return nil }
        return String(words[place + 1])
    }

    /// Marks of unfinished work, spelled so that this file does not hold them.
    static let leftovers = ["FIX" + "ME", "TO" + "DO", "XX" + "X"]

    static func leftoverFindings(in files: [SourceFile]) -> [Finding] {
        files.flatMap { file in
            file.lines.enumerated().flatMap { number, line in
                leftovers.filter { line.containsWord($0) }.map {
                    Finding(path: file.path, line: number + 1, message: "leftover \($0)")
                }
            }
        }
    }

    /// `public` is a promise to adopters; only the SDK makes one.
    static func publicFindings(in files: [SourceFile]) -> [Finding] {
        files.filter { !["Perch", "PerchHummingbird", "PerchTesting"].contains($0.target) }.flatMap
        { file in
            file.code.lineNumbers(ofWord: "public").map {
                Finding(path: file.path, line: $0, message: "`public` outside the SDK; `package`?")
            }
        }
    }
}

@Suite struct BannedTests {
    @Test func noBannedCall() {
        expectNone(Banned.callFindings(in: Repository.swift))
    }

    @Test func everyUncheckedSendableIsArguedFor() {
        let arguments = Repository.file(Banned.argumentsPath)?.text ?? ""
        expectNone(Banned.sendableFindings(in: Repository.swift, arguments: arguments))
    }

    @Test func nothingIsLeftOver() {
        let files =
            Repository.swift + Repository.markdown
            + Repository.files(
                in: ["Scripts", "Sources"], suffixes: [".sh", ".py", ".c", ".h", ".js"])
        expectNone(Banned.leftoverFindings(in: files))
    }

    @Test func nothingIsPublic() {
        expectNone(Banned.publicFindings(in: Repository.code))
    }

    @Test(arguments: [
        "let now = Date()", "fatalError(\"no\")", "DispatchQueue.main.async {}", "try! read()",
        "print(a)",
    ])
    func aBannedCallIsFound(_ line: String) {
        let bad = SourceFile(path: "Sources/PerchWire/A.swift", text: "// first\n\(line)\n")
        #expect(Banned.callFindings(in: [bad]).map(\.line) == [2])
    }

    @Test(arguments: [
        "// Date() is banned", "let a = \"\\(b) print(a)\"", "fingerprint(a)", "let c = UpDate()",
    ])
    func whatOnlyLooksBannedIsNot(_ line: String) {
        let good = SourceFile(path: "Sources/PerchWire/A.swift", text: line)
        #expect(Banned.callFindings(in: [good]) == [])
    }

    @Test func anUncheckedSendableWithoutArgumentIsFound() {
        let bad = SourceFile(
            path: "Sources/PerchBytes/A.swift",
            text: "package final class Mapped: @unchecked Sendable {}")
        #expect(Banned.sendableFindings(in: [bad], arguments: "`Other`").count == 1)
        #expect(Banned.sendableFindings(in: [bad], arguments: "- `Mapped`: frozen.") == [])
    }

    @Test func aLeftoverIsFound() {
        let bad = SourceFile(path: "a.md", text: "one\n\(Banned.leftovers[1]): two")
        #expect(Banned.leftoverFindings(in: [bad]).map(\.line) == [2])
    }

    @Test func aPublicDeclarationIsFound() {
        let bad = SourceFile(path: "Sources/PerchWire/A.swift", text: "public struct A {}")
        #expect(Banned.publicFindings(in: [bad]).count == 1)
    }
}
