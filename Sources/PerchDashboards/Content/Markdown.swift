/// The part of markdown that text panels need, as a tree; what looks like HTML stays text.
package enum Markdown {
    package indirect enum Block: Sendable, Hashable {
        case heading(level: Int, [Inline])
        case paragraph([Inline])
        case list(isOrdered: Bool, items: [[Block]])
        case code(String, language: String)
        case quote([Block])
        case table(header: [[Inline]], rows: [[[Inline]]])
        case rule
    }

    package indirect enum Inline: Sendable, Hashable {
        case text(String)
        case code(String)
        case emphasis([Inline])
        case strong([Inline])
        case struck([Inline])
        case link([Inline], address: String)
        /// An image is named and linked, never loaded.
        case image(String, address: String)
        case lineBreak
    }

    /// The blocks of a text.
    package static func blocks(_ text: String) -> [Block] {
        let cut = String(decoding: text.utf8.prefix(Limits.markdownByteCountMax), as: UTF8.self)
        let lines = cut.replacing("\r\n", with: "\n").replacing("\t", with: "    ")
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var reader = MarkdownBlocks(lines: lines, depth: 0)
        return reader.blocks()
    }
}

/// Reads blocks line by line.
struct MarkdownBlocks {
    var lines: [String]
    var depth: Int
    private var index = 0

    init(lines: [String], depth: Int) {
        self.lines = lines
        self.depth = depth
    }

    mutating func blocks() -> [Markdown.Block] {
        var result: [Markdown.Block] = []
        while index < lines.count {
            let line = lines[index]
            if line.trimmed.isEmpty {
                index += 1
            } else if let block = heading(line) ?? fence(line) ?? rule(line) ?? table() {
                result.append(block)
            } else if depth < Limits.markdownDepthMax, let block = quote(line) ?? list(line) {
                result.append(block)
            } else {
                result.append(paragraph())
            }
        }
        return result
    }

    private mutating func heading(_ line: String) -> Markdown.Block? {
        let marks = line.prefix { $0 == "#" }
        guard (1...6).contains(marks.count), line.dropFirst(marks.count).first == " " else {
            return nil
        }
        index += 1
        var text = line.dropFirst(marks.count).trimmed
        while text.hasSuffix("#") { text.removeLast() }
        return .heading(level: marks.count, MarkdownInlines.read(text.trimmed))
    }

    private mutating func fence(_ line: String) -> Markdown.Block? {
        let trimmed = line.trimmed
        guard let mark = ["```", "~~~"].first(where: { trimmed.hasPrefix($0) }) else { return nil }
        let language = trimmed.dropFirst(3).trimmed
        index += 1
        var code: [String] = []
        while index < lines.count, !lines[index].trimmed.hasPrefix(mark) {
            code.append(lines[index])
            index += 1
        }
        index += 1
        return .code(code.joined(separator: "\n"), language: language)
    }

    private mutating func rule(_ line: String) -> Markdown.Block? {
        let marks = line.filter { $0 != " " }
        guard marks.count >= 3, let first = marks.first, "-*_".contains(first),
            marks.allSatisfy({ $0 == first })
        else { return nil }
        index += 1
        return .rule
    }

    private mutating func quote(_ line: String) -> Markdown.Block? {
        guard line.trimmed.hasPrefix(">") else { return nil }
        var inner: [String] = []
        while index < lines.count, lines[index].trimmed.hasPrefix(">") {
            let rest = lines[index].trimmed.dropFirst()
            inner.append(String(rest.hasPrefix(" ") ? rest.dropFirst() : rest))
            index += 1
        }
        var reader = MarkdownBlocks(lines: inner, depth: depth + 1)
        return .quote(reader.blocks())
    }

    // MARK: - Lists

    /// The indentation of an item's text and whether the list is numbered; nil for no item.
    private static func item(_ line: String) -> (indent: Int, isOrdered: Bool, text: String)? {
        let spaces = line.prefix { $0 == " " }.count
        let rest = line.dropFirst(spaces)
        if let first = rest.first, "-*+".contains(first), rest.dropFirst().first == " " {
            return (spaces + 2, false, String(rest.dropFirst(2)))
        }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        let after = rest.dropFirst(digits.count)
        guard (1...9).contains(digits.count), let mark = after.first, mark == "." || mark == ")",
            after.dropFirst().first == " "
        else { return nil }
        return (spaces + digits.count + 2, true, String(after.dropFirst(2)))
    }

    private mutating func list(_ line: String) -> Markdown.Block? {
        guard let first = Self.item(line) else { return nil }
        let level = line.prefix { $0 == " " }.count
        var items: [[Markdown.Block]] = []
        while index < lines.count, let item = Self.item(lines[index]),
            item.isOrdered == first.isOrdered,
            lines[index].prefix(while: { $0 == " " }).count <= level + 1
        {
            index += 1
            var inner = [item.text]
            while index < lines.count {
                let next = lines[index]
                let indent = next.prefix { $0 == " " }.count
                if next.trimmed.isEmpty {
                    // A blank line belongs to the item when its text goes on behind it.
                    guard index + 1 < lines.count,
                        lines[index + 1].prefix(while: { $0 == " " }).count >= item.indent
                    else { break }
                    inner.append("")
                } else if indent >= item.indent || (indent > level && Self.item(next) != nil) {
                    inner.append(String(next.dropFirst(min(indent, item.indent))))
                } else {
                    break
                }
                index += 1
            }
            var reader = MarkdownBlocks(lines: inner, depth: depth + 1)
            items.append(reader.blocks())
            // Blank lines between items.
            var probe = index
            while probe < lines.count, lines[probe].trimmed.isEmpty { probe += 1 }
            if probe < lines.count, Self.item(lines[probe]) != nil { index = probe }
        }
        return .list(isOrdered: first.isOrdered, items: items)
    }

    // MARK: - Tables and paragraphs

    private static func cells(_ line: String) -> [String] {
        var text = line.trimmed[...]
        if text.hasPrefix("|") { text = text.dropFirst() }
        if text.hasSuffix("|") { text = text.dropLast() }
        return text.split(separator: "|", omittingEmptySubsequences: false).map(\.trimmed)
    }

    private mutating func table() -> Markdown.Block? {
        guard index + 1 < lines.count, lines[index].contains("|") else { return nil }
        let marks = Self.cells(lines[index + 1])
        let header = Self.cells(lines[index])
        guard marks.count == header.count, lines[index + 1].contains("-"),
            marks.allSatisfy({ !$0.isEmpty && $0.allSatisfy { "-:".contains($0) } })
        else { return nil }
        index += 2
        var rows: [[[Markdown.Inline]]] = []
        while index < lines.count, lines[index].contains("|") {
            let cells = Self.cells(lines[index])
            rows.append(
                header.indices.map { MarkdownInlines.read($0 < cells.count ? cells[$0] : "") })
            index += 1
        }
        return .table(header: header.map { MarkdownInlines.read($0) }, rows: rows)
    }

    private mutating func paragraph() -> Markdown.Block {
        var text = ""
        var isFirst = true
        while index < lines.count {
            let line = lines[index]
            let trimmed = line.trimmed
            if trimmed.isEmpty { break }
            if !isFirst {
                let startsBlock =
                    trimmed.hasPrefix("#") || trimmed.hasPrefix("```") || trimmed.hasPrefix(">")
                    || Self.item(line) != nil
                if startsBlock { break }
                text += "\n"
            }
            text += trimmed + (line.hasSuffix("  ") ? "  " : "")
            isFirst = false
            index += 1
        }
        return .paragraph(MarkdownInlines.read(text))
    }
}
