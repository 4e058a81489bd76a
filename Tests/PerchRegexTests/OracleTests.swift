import Foundation
import PerchTestSupport
import Testing

@testable import PerchRegex

/// Every way of answering against google-re2 of the Python index, on generated pairs.
@Suite struct OracleTests {
    struct Case {
        var pattern: String
        var dotMatchesNewline: Bool
        var texts: [String]

        var json: [Any] { [pattern, dotMatchesNewline, texts] }
    }

    static let python: URL = {
        if let path = ProcessInfo.processInfo.environment["PERCH_TEST_PYTHON"] {
            return URL(fileURLWithPath: path)
        }
        return root.appending(path: ".venv-tests/bin/python3")
    }()

    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: python.path()) }

    @Test(.enabled(if: isAvailable), arguments: [1, 2] as [UInt64])
    func generatedPairsMatchAsInGoogleRE2(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let cases = (0..<600).map { _ in
            Case(
                pattern: PatternMaker.pattern(&random), dotMatchesNewline: random.next() % 4 > 0,
                texts: (0..<8).map { _ in PatternMaker.text(&random) })
        }
        let answers = try Self.answers(cases)
        try #require(answers.count == cases.count)
        var compared = 0
        var matched = 0
        for (one, answer) in zip(cases, answers) {
            guard let answer = answer as? [[Any]] else {
                #expect(throws: RegexFailure.self, "\(one)") {
                    try Regex(one.pattern, dotMatchesNewline: one.dotMatchesNewline)
                }
                continue
            }
            let regex = try Regex(one.pattern, dotMatchesNewline: one.dotMatchesNewline)
            for (text, pair) in zip(one.texts, answer) {
                let full = pair[0] as? [Int64]
                let first = pair[1] as? [Int64]
                let place = Comment("/\(one.pattern)/ \(one.dotMatchesNewline) on \"\(text)\"")
                #expect(regex.matchesFully(text) == (full != nil), place)
                #expect(regex.matches(in: text) == (first != nil), place)
                #expect(regex.fullMatch(text)?.offsets == full, place)
                #expect(regex.firstMatch(in: text)?.offsets == first, place)
                Self.expectPruningHolds(regex, text, full != nil, first != nil, place)
                compared += 1
                matched += full == nil ? 0 : 1
            }
        }
        // A generator that makes only misses or mistakes would prove nothing.
        #expect(compared > 4_000)
        #expect(matched > 400)
    }

    /// What is said of the texts that match is true of this one.
    private static func expectPruningHolds(
        _ regex: Regex, _ text: String, _ isFull: Bool, _ isFound: Bool, _ place: Comment
    ) {
        let bytes = Array(text.utf8)
        if isFound {
            for group in regex.requiredLiterals {
                #expect(
                    group.contains { Needle.find($0, in: bytes.span, from: 0) != nil }, place)
            }
        }
        if isFull { #expect(bytes.starts(with: regex.literalPrefix), place) }
        if let words = regex.exactValues { #expect(words.contains(text) == isFull, place) }
    }

    private static func answers(_ cases: [Case]) throws -> [Any] {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "perch-regex-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let input = folder.appending(path: "cases.json")
        let output = folder.appending(path: "answers.json")
        try JSONSerialization.data(withJSONObject: cases.map(\.json)).write(to: input)
        let process = Process()
        process.executableURL = python
        process.arguments = [
            root.appending(path: "Tests/PerchRegexTests/Scripts/re2_oracle.py").path(),
            input.path(), output.path(),
        ]
        try process.run()
        process.waitUntilExit()
        let answers = try JSONSerialization.jsonObject(with: Data(contentsOf: output))
        return answers as? [Any] ?? []
    }
}

/// Random patterns and texts over a small alphabet, so that they often meet.
enum PatternMaker {
    private static let characters = ["a", "b", "c", "-", "é", "日", "\n", "1"]

    static func text(_ random: inout SeededGenerator) -> String {
        (0..<Int(random.next() % 7)).map { _ in pick(characters, &random) }.joined()
    }

    static func pattern(_ random: inout SeededGenerator) -> String {
        switch random.next() % 20 {
        case 0: "(?i)" + choice(&random, 2)
        case 1: "^" + choice(&random, 2)
        case 2: choice(&random, 2) + "$"
        case 3:
            choice(&random, 2) + pick(["(", ")", "[", "*", "**", "\\", "(?", "{2}{3}"], &random)
        case 4: (0..<12).map { _ in text(&random) }.joined(separator: "|")
        default: choice(&random, 3)
        }
    }

    private static func choice(_ random: inout SeededGenerator, _ depth: Int) -> String {
        let count = random.next() % 4 == 0 ? Int(random.next() % 3) + 2 : 1
        return (0..<count).map { _ in sequence(&random, depth) }.joined(separator: "|")
    }

    private static func sequence(_ random: inout SeededGenerator, _ depth: Int) -> String {
        (0..<Int(random.next() % 4)).map { _ in repeated(&random, depth) }.joined()
    }

    private static func repeated(_ random: inout SeededGenerator, _ depth: Int) -> String {
        let quantifiers = [
            "", "", "", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{0,1}", "{1,}",
        ]
        let atom = atom(&random, depth)
        return atom.hasPrefix(".") && atom.count > 1 ? atom : atom + pick(quantifiers, &random)
    }

    private static func atom(_ random: inout SeededGenerator, _ depth: Int) -> String {
        switch random.next() % 16 {
        case 0, 1: return "."
        case 2: return ".*"
        case 3: return ".+"
        case 4 where depth > 0: return "(\(choice(&random, depth - 1)))"
        case 5 where depth > 0: return "(?:\(choice(&random, depth - 1)))"
        case 6 where depth > 0: return "(?P<g>\(choice(&random, depth - 1)))"
        case 7:
            return "[" + pick(["ab", "^a", "a-c", "]a", "^]", "a\\]", "[:alpha:]b", "-"], &random)
                + "]"
        case 8:
            return pick(["\\d", "\\w", "\\S", "\\b", "\\-", "\\n", "\\Qa|b\\E", "\\x61"], &random)
        default: return pick(characters, &random)
        }
    }

    private static func pick(_ list: [String], _ random: inout SeededGenerator) -> String {
        list[Int(random.next() % UInt64(list.count))]
    }
}
