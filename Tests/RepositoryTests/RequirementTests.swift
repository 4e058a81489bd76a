import Testing

/// Requirements that the SDK answers, each with a test that names it.
enum Requirements {
    /// The rows of the requirements that concern what runs within an application, by their groups.
    static let ofTheSDK: [(group: String, numbers: [Int])] = [
        ("LOG", Array(1...20)), ("RED", Array(1...8)), ("COR", Array(1...9)),
        ("ERR", Array(1...11) + [13]), ("LIFE", Array(1...4)), ("HLT", Array(1...9) + [11, 14]),
        ("MET", [1, 2, 3, 4, 10, 12, 13]), ("CM", Array(1...8) + Array(10...17) + [19]),
        ("BIZ", [1, 2, 3] + Array(6...10)), ("JOB", [1, 3, 4, 5, 6, 8, 9]),
        ("TRC", Array(1...8)), ("SMP", Array(1...5)), ("TH", [1]), ("SEC", [1, 2, 3, 6]),
        ("CAR", [1, 2, 4]), ("GDPR", [2, 3]), ("SEG", Array(1...4)), ("EXP", [1, 2, 4, 5]),
        ("INV", [1]), ("OFF", [1]), ("EXT", [1, 2, 3]), ("DEP", [2, 4]),
    ]

    /// Rows that no test names.
    static func findings(in tests: [SourceFile]) -> [Finding] {
        let text = tests.map(\.text).joined(separator: "\n")
        var named: Set<Substring> = []
        for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "-" }) {
            named.insert(word)
        }
        return ofTheSDK.flatMap { group, numbers in
            numbers.map { "\(group)-\($0)" }
        }.filter { !named.contains($0[...]) }.map {
            Finding(path: "Tests", line: 0, message: "no test names \($0)")
        }
    }
}

@Suite struct RequirementTests {
    /// A row that is answered is answered by a test that says so.
    @Test func everyRowOfTheSDKIsNamedByATest() {
        let tests = Repository.swift.filter {
            $0.path.hasPrefix("Tests/Perch") || $0.path.hasPrefix("Tests/EndToEndTests")
        }
        for finding in Requirements.findings(in: tests) { Issue.record("\(finding)") }
    }

    @Test func aRowWithoutATestIsFound() {
        let file = SourceFile(path: "Tests/PerchTests/A.swift", text: "/// LOG-1, LOG-22.")
        let findings = Requirements.findings(in: [file])
        #expect(findings.contains { $0.message.hasSuffix(" LOG-2") })
        #expect(!findings.contains { $0.message.hasSuffix(" LOG-1") })
    }
}
