import Testing

/// Where the word `unsafe` may stand.
enum UnsafeCode {
    /// The targets that are audited for it.
    static let targets: Set<String> = ["PerchBytes", "PerchFiles", "PerchCodec"]

    /// Files elsewhere, each for one named edge.
    ///
    /// May only shrink.
    static let files: Set<String> = [
        // Appends spans and loads words of them; neither has a safe form yet.
        "Sources/PerchModel/ByteSpan.swift",
        // Calls of RE2's shim, and of a substring search of the C library.
        "Sources/PerchRegex/RE2Program.swift",
        // Copies a derived key out of the type that keeps it.
        "Sources/PerchAccess/SecretHash.swift",
        // Calls of the handler of fatal signals, which is written in C.
        "Sources/Perch/Crash/CrashFile.swift",
        // Hands an array to C.
        "Sources/Perch/Logs/LineOutput.swift",
        // Compares the addresses of errors, and takes words from C.
        "Sources/Perch/Errors/ThrowSite.swift",
        // Maps files of programs, and reads them within their bounds.
        "Sources/Perch/Symbols/ObjectFile.swift",
        // Calls of the C library that fill a struct.
        "Sources/PerchServer/SystemClock.swift",
        "Sources/PerchServer/DescriptorLimit.swift",
        "Sources/PerchServer/Telemetry/ProcessUsage+Darwin.swift",
        "Sources/PerchServer/Telemetry/ProcessUsage+Linux.swift",
    ]

    static func findings(in sources: [SourceFile]) -> [Finding] {
        sources.flatMap { file -> [Finding] in
            let numbers = file.code.lineNumbers(ofWord: "unsafe")
            guard let first = numbers.first else { return [] }
            if let target = file.target, !targets.contains(target), !files.contains(file.path) {
                return numbers.map {
                    Finding(
                        path: file.path, line: $0, message: "`unsafe` outside the audited files")
                }
            }
            guard !file.text.contains("// Safe:") else { return [] }
            return [Finding(path: file.path, line: first, message: "`unsafe` without `// Safe:`")]
        }
    }
}

@Suite struct UnsafeTests {
    @Test func unsafeCodeIsWhereItIsAudited() {
        expectNone(UnsafeCode.findings(in: Repository.code))
    }

    @Test func everyNamedFileStillNeedsIt() {
        for path in UnsafeCode.files {
            let numbers = Repository.file(path)?.code.lineNumbers(ofWord: "unsafe") ?? []
            #expect(!numbers.isEmpty, "\(path) may leave the list")
        }
    }

    @Test func unsafeCodeElsewhereIsFound() {
        let bad = "// Safe: no.\nlet a = unsafe b\n"
        let elsewhere = SourceFile(path: "Sources/PerchWeb/A.swift", text: bad)
        #expect(UnsafeCode.findings(in: [elsewhere]).map(\.line) == [2])
    }

    @Test func unsafeCodeWithoutItsArgumentIsFound() {
        let bad = SourceFile(path: "Sources/PerchBytes/A.swift", text: "let a = unsafe b\n")
        #expect(UnsafeCode.findings(in: [bad]).map(\.line) == [1])
    }
}
