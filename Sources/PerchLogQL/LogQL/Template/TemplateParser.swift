/// Reads a template: its texts, and the actions between double braces.
struct TemplateParser {
    /// A piece of an action.
    enum Token: Hashable {
        case word(String)
        case text(String)
        case number(String)
        /// `.a.b`.
        case field([String])
        case variable(String, [String])
        case sign(Character)
        case assignment
    }

    private enum Item {
        case text([UInt8])
        case action([Token])
    }

    private var items: [Item] = []
    private var place = 0
    private var depth = 0

    init(_ text: String) throws(LogQLFailure) {
        let bytes = Array(text.utf8)
        let open = Array("{{".utf8)
        let close = Array("}}".utf8)
        var start = 0
        var trimsNext = false
        while start <= bytes.count {
            let begin = Self.find(open, bytes, from: start)
            var literal = bytes[start..<(begin ?? bytes.count)]
            if trimsNext { literal = literal.drop { $0.isTemplateBlank } }
            guard let begin else {
                if !literal.isEmpty { items.append(.text(Array(literal))) }
                break
            }
            var inner = begin + 2
            let trims =
                inner + 1 < bytes.count && bytes[inner] == UInt8(ascii: "-")
                && bytes[inner + 1].isTemplateBlank
            if trims {
                while let last = literal.last, last.isTemplateBlank { literal = literal.dropLast() }
                inner += 1
            }
            if !literal.isEmpty { items.append(.text(Array(literal))) }
            var scanner = TemplateScanner(bytes, from: inner)
            let tokens = try scanner.tokens(until: close)
            trimsNext = scanner.trimsAfter
            if !scanner.isComment { items.append(.action(tokens)) }
            start = scanner.position
        }
    }

    private static func find(_ needle: [UInt8], _ bytes: [UInt8], from start: Int) -> Int? {
        ByteNeedle(needle).firstIndex(in: bytes.span, from: start)
    }

    static func failure(_ message: String) -> LogQLFailure {
        .parse("invalid line template: template: line:1: \(message)")
    }

    /// The whole template.
    mutating func template() throws(LogQLFailure) -> [Template.Node] {
        let (nodes, end) = try nodes()
        guard end == nil else { throw Self.failure("unexpected {{\(end ?? "")}}") }
        return nodes
    }

    /// Nodes up to `end` or `else`, which is told.
    private mutating func nodes() throws(LogQLFailure) -> ([Template.Node], String?) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Limits.templateDepthMax else { throw Self.failure("too deeply nested") }
        var nodes: [Template.Node] = []
        while place < items.count {
            let item = items[place]
            switch item {
            case .text(let bytes):
                place += 1
                nodes.append(.text(bytes))
            case .action(let tokens):
                guard let first = tokens.first else {
                    throw Self.failure("missing value for command")
                }
                if case .word(let word) = first {
                    if word == "end" || word == "else" { return (nodes, word) }
                    if ["if", "with", "range"].contains(word) {
                        place += 1
                        nodes.append(try control(word, Array(tokens.dropFirst())))
                        continue
                    }
                }
                place += 1
                var pipe = TemplatePipeParser(tokens)
                nodes.append(.action(try pipe.whole()))
            }
        }
        return (nodes, nil)
    }

    private mutating func control(
        _ word: String, _ tokens: [Token]
    ) throws(LogQLFailure) -> Template.Node {
        var parser = TemplatePipeParser(tokens)
        let pipe = try parser.whole()
        let (first, end) = try nodes()
        var second: [Template.Node] = []
        if end == "else" {
            guard case .action(let tokens) = items[place] else {
                throw Self.failure("unexpected EOF")
            }
            place += 1
            if tokens.count > 1 {
                // `else if` is an `if` within, which shares its end.
                guard case .word("if") = tokens[1] else {
                    throw Self.failure("unexpected <\(tokens[1])> in else")
                }
                depth += 1
                defer { depth -= 1 }
                guard depth <= Limits.templateDepthMax else {
                    throw Self.failure("too deeply nested")
                }
                second = [try control("if", Array(tokens.dropFirst(2)))]
                return Self.node(word, pipe, first, second)
            }
            let (rest, last) = try nodes()
            guard last == "end" else { throw Self.failure("unexpected EOF") }
            second = rest
        } else {
            guard end == "end" else { throw Self.failure("unexpected EOF") }
        }
        place += 1
        return Self.node(word, pipe, first, second)
    }

    private static func node(
        _ word: String, _ pipe: Template.Pipe, _ first: [Template.Node], _ second: [Template.Node]
    ) -> Template.Node {
        switch word {
        case "if": .conditional(pipe, first, second)
        case "with": .with(pipe, first, second)
        default: .range(pipe, first, second)
        }
    }
}

extension UInt8 {
    var isTemplateBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d }
}
