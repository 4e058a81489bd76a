import PerchRegex
import Testing

@Suite struct RegexTests {
    @Test(arguments: [
        ("abc", "abc", true), ("abc", "abcd", false), ("abc", "xabc", false), ("", "", true),
        ("", "a", false), ("abc.*", "abc", true), ("abc.*", "abcdef", true),
        ("abc.*", "ab", false), ("abc.+", "abc", false), ("abc.+", "abcé", true),
        (".*abc", "xxabc", true), (".*abc", "abcx", false), (".+abc", "abc", false),
        (".*abc.*", "xabcx", true), (".*abc.*", "ab", false), (".+abc.+", "xabcy", true),
        (".+abc.+", "abcy", false), (".*", "", true), (".*", "a\nb", true), (".+", "", false),
        (".+", "x", true), ("a.*b.*c", "axxbyyc", true), ("a.*b.*c", "axxcyyb", false),
        ("a.*ab", "aab", true), ("ab.*ba", "aba", false), ("ab.*ba", "abba", true),
        ("a|b|c", "b", true), ("a|b|c", "d", false), ("a|b|", "", true),
        ("foo(bar|baz)", "foobaz", true),
        ("foo(bar|baz)", "foo", false), ("(foo|bar).*(x|y)", "barzzy", true),
        ("(foo|bar).*(x|y)", "bazzzy", false), ("[ab]c", "bc", true), ("[ab]c", "cc", false),
        ("a?b", "b", true), ("a?b", "ab", true), ("a\\.b", "a.b", true), ("a\\.b", "axb", false),
        ("(?i)ABC", "abc", true), ("(?i:a)bc", "Abc", true), ("a.c", "a\nc", true),
        ("^abc$", "abc", true), ("^(a|b)$", "b", true), ("\\d+", "123", true),
        ("\\d+", "12x", false), ("x{2,3}", "xxxx", false), ("a{,2}", "a{,2}", true),
        ("(?P<n>a)", "a", true), ("(?<n>a)", "a", true), ("\\Qa.b\\E", "a.b", true),
        ("[]a]", "]", true), ("[^a]", "b", true), ("[[:digit:]]+", "42", true),
        ("é.*", "éa", true), ("日?本", "本", true), ("a.+b.+c", "abc", false),
        ("a.+b.+c", "a1b2c", true), (".*a.*|.*b.*", "xbx", true), ("host-[0-9]+", "host-12", true),
    ])
    func matchesAllOfTheText(_ pattern: String, _ text: String, _ expected: Bool) throws {
        #expect(try Regex(pattern).matchesFully(text) == expected)
    }

    @Test(arguments: [
        ("abc", "xabcx", true), ("abc", "ab", false), ("^abc", "abcx", true),
        ("^abc", "xabc", false), ("abc$", "xabc", true), ("abc$", "abcx", false),
        ("^abc$", "abc", true), ("^abc$", "abcd", false), ("a.*b", "xaxbx", true),
        ("a|b", "xxb", true), ("", "x", true), ("time(out|r)", "a timer", true),
        ("\\bfoo\\b", "a foo b", true), ("\\bfoo\\b", "afoob", false),
    ])
    func findsAPartOfTheText(_ pattern: String, _ text: String, _ expected: Bool) throws {
        let regex = try Regex(pattern)
        #expect(regex.matches(in: text) == expected)
        #expect((regex.firstMatch(in: text) != nil) == expected)
    }

    @Test func aDotMatchesANewlineOnlyWhenAsked() throws {
        #expect(try Regex("a.*b").matches(in: "a\nb"))
        #expect(try !Regex("a.*b", dotMatchesNewline: false).matches(in: "a\nb"))
        #expect(try Regex("a.*b", dotMatchesNewline: false).matches(in: "a b\n"))
    }

    @Test(arguments: [
        ("(", "error parsing regexp: missing closing ): `(`"),
        ("[a", "error parsing regexp: missing closing ]: `[a`"),
        ("a)|(b", "error parsing regexp: unexpected ): `a)|(b`"),
        ("*a", "error parsing regexp: missing argument to repetition operator: `*`"),
        ("a**", "error parsing regexp: invalid nested repetition operator: `**`"),
        ("(?=a)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"),
        ("a\\Cb", "error parsing regexp: invalid escape sequence: `\\C`"),
        ("a{1001}", "error parsing regexp: invalid repeat count: `{1001}`"),
        ("\\8", "error parsing regexp: invalid escape sequence: `\\8`"),
    ])
    func saysWhyAPatternIsBad(_ pattern: String, _ message: String) {
        let failure = #expect(throws: RegexFailure.self) { try Regex(pattern) }
        #expect(failure?.description == message)
    }

    @Test func patternsAndProgramsAreBounded() throws {
        let long = String(repeating: "a", count: Limits.patternByteCountMax + 1)
        #expect(throws: RegexFailure.self) { try Regex(long) }
        #expect(throws: RegexFailure.self) { try Regex("((a{100}){100}){100}") }
        #expect(throws: RegexFailure.self) { try Regex("(\\pL\\pN){500}") }
        #expect(throws: RegexFailure.self) {
            try Regex("[a-z]{100}[0-9]{900}", programByteCountMax: 10_000)
        }
        let words = (0..<3_000).map { "instance-\($0):9100" }.joined(separator: "|")
        let regex = try Regex(words)
        #expect(regex.exactValues?.count == 3_000)
        #expect(regex.matchesFully("instance-2999:9100"))
        #expect(!regex.matchesFully("instance-3000:9100"))
    }

    /// As long as a pattern may be, in the forms that a careless reader takes square time for.
    @Test(arguments: ["a", "(a)", "a|", "a.*", "[ab]", "(?:a|b)", "a?"])
    func longPatternsAreReadQuickly(_ part: String) throws {
        let count = Limits.patternByteCountMax / part.utf8.count
        let pattern = String(repeating: part, count: count)
        let regex = try? Regex(pattern)
        #expect(regex?.matchesFully("x") != true)
    }

    /// A pattern that makes a backtracking engine run for years.
    @Test func timeIsLinear() throws {
        let regex = try Regex("(a*)*(b|a*)*c")
        #expect(!regex.matchesFully(String(repeating: "a", count: 20_000)))
    }

    @Test func groupsAndTheirNames() throws {
        let regex = try Regex("(?P<host>[^:]+):(\\d+)?(x)?")
        #expect(regex.groupNames == [nil, "host", nil, nil])
        let match = try #require(regex.fullMatch("web:80"))
        #expect(match.range(of: 0) == 0..<6)
        #expect(match.range(of: 1) == 0..<3)
        #expect(match.range(of: 2) == 4..<6)
        #expect(match.range(of: 3) == nil)
        #expect(match.range(of: 4) == nil)
        #expect(regex.fullMatch(" ") == nil)
        #expect(try Regex("(a*)").fullMatch("")?.range(of: 1) == 0..<0)
    }

    @Test func matchesFromAnOffsetSeeWhatIsBefore() throws {
        let regex = try Regex("\\bfoo")
        let text = Array("xfoo foo".utf8)
        #expect(regex.firstMatch(in: text.span, from: 1)?.range == 5..<8)
        #expect(regex.firstMatch(in: text.span, from: 9) == nil)
        #expect(try Regex("^foo").firstMatch(in: text.span, from: 5) == nil)
    }

    @Test func anEmptyTextIsText() throws {
        #expect(try Regex("a*").matchesFully(""))
        #expect(try Regex("(?i)|b").matchesFully(""))
        #expect(try Regex("x*y").matchesFully("") == false)
    }
}
