/// Reads what stands within a line.
struct MarkdownInlines {
    private var rest: Substring
    private var result: [Markdown.Inline] = []
    private var plain = ""
    private let depth: Int
    /// Searches for a closing mark that a text may still cost.
    private var searches = 1_000
    /// How far away a closing mark may stand.
    private static let reach = 2_000

    static func read(_ text: String) -> [Markdown.Inline] {
        var reader = MarkdownInlines(text[...], depth: 0)
        return reader.run()
    }

    private init(_ text: Substring, depth: Int) {
        rest = text
        self.depth = depth
    }

    private mutating func run() -> [Markdown.Inline] {
        while let first = rest.first {
            if depth < Limits.markdownDepthMax, let inline = inline(first) {
                flush()
                result.append(inline)
            } else {
                plain.append(first)
                rest = rest.dropFirst()
            }
        }
        flush()
        return result
    }

    private mutating func flush() {
        if !plain.isEmpty { result.append(.text(plain)) }
        plain = ""
    }

    private func inner(_ text: Substring) -> [Markdown.Inline] {
        var reader = MarkdownInlines(text, depth: depth + 1)
        return reader.run()
    }

    private mutating func inline(_ first: Character) -> Markdown.Inline? {
        switch first {
        case "\\":
            guard let next = rest.dropFirst().first, next.isPunctuation || next.isSymbol else {
                return nil
            }
            rest = rest.dropFirst(2)
            return .text(String(next))
        case "`":
            guard let body = enclosed("`") else { return nil }
            return .code(String(body))
        case "*", "_":
            let mark = String(first)
            if let body = enclosed(mark + mark) { return .strong(inner(body)) }
            guard rest.dropFirst().first?.isWhitespace == false else { return nil }
            // `a_b_c` is one word.
            if first == "_", let before = plain.last, before.isLetter || before.isNumber {
                return nil
            }
            return enclosed(mark).map { .emphasis(inner($0)) }
        case "~": return enclosed("~~").map { .struck(inner($0)) }
        case "!" where rest.hasPrefix("!["):
            let saved = rest
            rest = rest.dropFirst()
            guard let (label, address) = link() else {
                rest = saved
                return nil
            }
            return .image(String(label), address: address)
        case "[": return link().map { .link(inner($0.0), address: $0.1) }
        case "<": return automaticLink()
        case "h": return bareLink()
        case "\n": return lineBreak()
        default: return nil
        }
    }

    /// Two spaces before the end of a line make a new line; else it is a space.
    private mutating func lineBreak() -> Markdown.Inline {
        let isBreak = plain.hasSuffix("  ") || plain.hasSuffix("\\")
        rest = rest.dropFirst()
        guard isBreak else { return .text(" ") }
        plain = plain.hasSuffix("\\") ? String(plain.dropLast()) : plain.trimmed
        return .lineBreak
    }

    /// What stands between two marks; nothing is taken when the second is missing.
    private mutating func enclosed(_ mark: String) -> Substring? {
        guard rest.hasPrefix(mark), searches > 0 else { return nil }
        searches -= 1
        let body = rest.dropFirst(mark.count).prefix(Self.reach)
        guard let end = body.firstRange(of: mark), end.lowerBound > body.startIndex else {
            return nil
        }
        rest = rest[end.upperBound...]
        return body[..<end.lowerBound]
    }

    /// `[label](address)`, with an address that a page may lead to.
    private mutating func link() -> (Substring, String)? {
        guard searches > 0 else { return nil }
        searches -= 1
        let body = rest.dropFirst().prefix(Self.reach)
        guard let close = body.firstRange(of: "](") else { return nil }
        let label = body[..<close.lowerBound]
        let tail = body[close.upperBound...]
        guard !label.contains("["), let end = tail.firstIndex(of: ")") else { return nil }
        let address = String(tail[..<end].split(separator: " ").first ?? "")
        guard PanelLink.isSafe(address) else { return nil }
        rest = rest[tail.index(after: end)...]
        return (label, address)
    }

    private mutating func automaticLink() -> Markdown.Inline? {
        guard rest.hasPrefix("<http"), let end = rest.prefix(2_000).firstIndex(of: ">") else {
            return nil
        }
        let address = String(rest[rest.index(after: rest.startIndex)..<end])
        guard PanelLink.isSafe(address), !address.contains(" ") else { return nil }
        rest = rest[rest.index(after: end)...]
        return .link([.text(address)], address: address)
    }

    private mutating func bareLink() -> Markdown.Inline? {
        guard rest.hasPrefix("https://") || rest.hasPrefix("http://") else { return nil }
        var body = rest.prefix { !$0.isWhitespace && !"<>\"'`|".contains($0) }
        while let last = body.last, ".,;:!?)".contains(last) { body = body.dropLast() }
        rest = rest[body.endIndex...]
        return .link([.text(String(body))], address: String(body))
    }
}
