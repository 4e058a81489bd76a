import PerchRegex
import Testing

@Suite struct PruningTests {
    @Test(
        arguments: [
            ("a|b", ["a", "b"]), ("b|a|b", ["a", "b"]), ("abc", ["abc"]), ("", [""]),
            ("a(b|c)d?", ["ab", "abd", "ac", "acd"]), ("[xy]1", ["x1", "y1"]), ("^a$", ["a"]),
            ("a|", ["", "a"]), ("10\\.0\\.0\\.1:80", ["10.0.0.1:80"]),
        ] as [(String, [String])])
    func aListOfWordsIsKnown(_ pattern: String, _ words: [String]) throws {
        #expect(try Regex(pattern).exactValues == words)
    }

    @Test(arguments: ["a.*", ".*", "(?i)a", "a+", "\\d", "[a-z]", "a.c", "a|b.*"])
    func whatIsNoListOfWordsIsNot(_ pattern: String) throws {
        #expect(try Regex(pattern).exactValues == nil)
    }

    @Test(arguments: [
        ("abc.*", "abc"), ("abc[0-9]+", "abc"), ("(abc|abd).*", "ab"), (".*abc", ""), ("a?b", ""),
        ("^abc\\d", "abc"), ("(?i)abc", ""), ("a+b", "a"), ("ab*", "a"),
    ])
    func whatTextsBeginWith(_ pattern: String, _ prefix: String) throws {
        #expect(try Regex(pattern).literalPrefix == Array(prefix.utf8))
    }

    @Test(
        arguments: [
            ("foo.*bar", [["foo"], ["bar"]]), ("foo|bar", [["foo", "bar"]]), ("foo|.*", []),
            ("(?i)foo", []), ("foo\\d+bar", [["foo"], ["bar"]]), ("(foo|x)?bar", [["bar"]]),
            ("fo+", [["fo"]]), ("fo*", [["f"]]), ("a(bc)d", [["abcd"]]), (".*", []),
        ] as [(String, [[String]])])
    func whatMustStandInTheText(_ pattern: String, _ groups: [[String]]) throws {
        let found = try Regex(pattern).requiredLiterals.map { group in
            group.map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(found == groups)
    }
}
