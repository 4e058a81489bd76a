import PerchRegex
import Testing

@Suite struct ExpandTests {
    @Test(arguments: [
        ("(.*)", "$1", "a", "a"), ("(.*)-(.*)", "${2}_$1", "a-b", "b_a"),
        ("(.*)", "$1x", "a", ""), ("(.*)", "${1}x", "a", "ax"), ("(?P<n>.*)", "$n!", "a", "a!"),
        ("(?P<n>.*)", "${n}", "a", "a"), ("(.*)", "$$1", "a", "$1"), ("(.*)", "$", "a", "$"),
        ("(.*)", "a$ b", "a", "a$ b"), ("(.*)", "${", "a", "${"), ("(.*)", "${1", "a", "${1"),
        ("(.*)", "$2", "a", ""), ("(.*)", "$0", "a", "a"), ("(.*)", "$01", "a", ""),
        ("(a)|(b)", "<$1$2>", "b", "<b>"), ("(.*)", "${}", "a", "${}"),
        (".*", "fixed", "a", "fixed"),
        ("(.*)", "$1$1é", "日", "日"),
    ])
    func expandsAsGoDoes(
        _ pattern: String, _ template: String, _ text: String, _ expected: String
    ) throws {
        let regex = try Regex(pattern)
        #expect(regex.expand(template: RegexTemplate(template), ifFullyMatches: text) == expected)
    }

    @Test func noMatchExpandsToNothing() throws {
        let regex = try Regex("a(.*)")
        #expect(regex.expand(template: RegexTemplate("$1"), ifFullyMatches: "b") == nil)
        #expect(regex.expand(template: RegexTemplate("x"), ifFullyMatches: "b") == nil)
    }

    /// From the examples of Go's `regexp` tests (all_test.go, replaceTests).
    @Test(arguments: [
        ("", "", "", ""), ("", "x", "", "x"), ("", "", "abc", "abc"), ("", "x", "abc", "xaxbxcx"),
        ("b", "", "", ""), ("b", "x", "abc", "axc"), ("y", "x", "abc", "abc"),
        ("", "x", "日本", "x日x本x"), ("^[a-c]*", "x", "abcdabc", "xdabc"),
        ("[a-c]*$", "x", "abcdabc", "abcdx"), ("[a-c]*", "x", "abcbcdcdedef", "xdxdxexdxexfx"),
        ("[a-c]+", "x", "abcbcdcdedef", "xdxdedef"), ("a*|b", "x", "baac", "xbxcx"),
        ("(a+)(b*)", "[$2$1]", "aab ab", "[baa] [ba]"),
    ])
    func replacesAsGoDoes(
        _ pattern: String, _ template: String, _ text: String, _ expected: String
    ) throws {
        #expect(try Regex(pattern).replacing(RegexTemplate(template), in: text) == expected)
    }

    @Test func anExpansionDoesNotFillTheMemory() throws {
        let text = String(repeating: "a", count: 100_000)
        let template = RegexTemplate(String(repeating: "$1", count: 10_000))
        let result = try Regex("(.*)").expand(template: template, ifFullyMatches: text)
        #expect((result?.utf8.count ?? .max) < 2_000_000)
    }
}
