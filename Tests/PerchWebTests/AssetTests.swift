import Foundation
import PerchWeb
import Testing

@Suite("Our stylesheet and script")
struct AssetTests {
    private func text(_ name: String) throws -> String {
        String(decoding: try #require(AssetTable.find(name)).bytes, as: UTF8.self)
    }

    @Test("Nothing in them reaches for another host, or for what the policy refuses")
    func policy() throws {
        let css = try text("perch.css")
        #expect(!css.contains("url("))
        #expect(!css.contains("@import"))
        let script = try text("perch.js")
        #expect(!script.contains("eval("))
        #expect(!script.contains("innerHTML"))
        #expect(!script.contains("://"))
    }

    @Test("Braces are balanced, and every token used has a value")
    func stylesheet() throws {
        let css = try text("perch.css")
        #expect(css.count(where: { $0 == "{" }) == css.count(where: { $0 == "}" }))
        let defined = Set(css.matches(of: /(--[a-z0-9-]+):/).map(\.1))
        for use in css.matches(of: /var\((--[a-z0-9-]+)\)/) {
            #expect(defined.contains(use.1), "\(use.1)")
        }
    }

    @Test("Words on a ground have the contrast of WCAG AA, light and dark", arguments: [0, 1])
    func contrast(_ half: Int) throws {
        var tokens: [Substring: Substring] = [:]
        for match in try text("perch.css").matches(
            of: /(--[a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/)
        {
            tokens[match.1] = half == 0 ? match.2 : match.3
        }
        func check(_ word: String, _ ground: String, atLeast least: Double = 4.5) throws {
            let ratio = Self.ratio(
                try #require(tokens[Substring(word)]), try #require(tokens[Substring(ground)]))
            #expect(ratio >= least, "\(word) on \(ground) in half \(half): \(ratio)")
        }
        for ground in ["--ground", "--surface", "--raised", "--sunken"] {
            for word in [
                "--ink", "--soft", "--faint", "--accent", "--bad", "--good", "--warn", "--t-trace",
                "--t-debug", "--t-info", "--t-warn", "--t-error", "--t-fatal", "--t-none",
            ] {
                try check(word, ground)
            }
        }
        for (word, ground) in [
            ("--accent-ink", "--accent"), ("--note-ink", "--note"), ("--ink", "--accent-soft"),
            ("--bad", "--bad-soft"), ("--good", "--good-soft"), ("--warn", "--warn-soft"),
        ] {
            try check(word, ground)
        }
        // Lines of charts are graphics: 3 to 1.
        for index in 0..<8 { try check("--c\(index)", "--surface", atLeast: 3) }
    }

    private static func ratio(_ one: Substring, _ other: Substring) -> Double {
        let (light, dark) = (
            max(luminance(one), luminance(other)), min(luminance(one), luminance(other))
        )
        return (light + 0.05) / (dark + 0.05)
    }

    private static func luminance(_ colour: Substring) -> Double {
        let value = Int(colour.dropFirst(), radix: 16) ?? 0
        let parts = [value >> 16, value >> 8 & 255, value & 255].map { part in
            let share = Double(part) / 255
            return share <= 0.03928 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
}
