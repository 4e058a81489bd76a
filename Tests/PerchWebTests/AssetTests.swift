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
        #expect(!script.contains("http"))
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

    @Test("Words on a ground have the contrast of WCAG AA, light and dark")
    func contrast() throws {
        let halves = try text("perch.css").split(separator: "@media (prefers-color-scheme: dark)")
        for (index, half) in halves.prefix(2).enumerated() {
            var tokens: [Substring: Substring] = [:]
            for match in half.matches(of: /(--[a-z0-9-]+): (#[0-9a-f]{6});/) {
                // The first definition belongs to this half.
                if tokens[match.1] == nil { tokens[match.1] = match.2 }
            }
            let words = [
                "--ink", "--soft", "--faint", "--accent", "--bad", "--good", "--t-trace",
                "--t-debug",
                "--t-info", "--t-warn", "--t-error", "--t-fatal", "--t-none",
            ]
            for word in words {
                for ground in ["--ground", "--surface", "--sunken"] {
                    let ratio = Self.ratio(
                        try #require(tokens[Substring(word)]),
                        try #require(tokens[Substring(ground)]))
                    #expect(ratio >= 4.5, "\(word) on \(ground) in half \(index): \(ratio)")
                }
            }
            for (word, ground) in [
                ("--accent-ink", "--accent"), ("--note-ink", "--note"), ("--ink", "--accent-soft"),
                ("--bad", "--bad-soft"),
            ] {
                let ratio = Self.ratio(
                    try #require(tokens[Substring(word)]), try #require(tokens[Substring(ground)]))
                #expect(ratio >= 4.5, "\(word) on \(ground) in half \(index): \(ratio)")
            }
        }
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
