/// Reads the tokens of one action.
struct TemplatePipeParser {
    private let tokens: [TemplateParser.Token]
    private var place = 0
    private var depth = 0

    init(_ tokens: [TemplateParser.Token]) {
        self.tokens = tokens
    }

    private var token: TemplateParser.Token? { place < tokens.count ? tokens[place] : nil }

    /// All tokens as one pipe.
    mutating func whole() throws(LogQLFailure) -> Template.Pipe {
        var variables: [String] = []
        // `$i, $v :=`, or one of them.
        if case .variable(let first, let path)? = token, path.isEmpty, !first.isEmpty {
            if place + 1 < tokens.count, tokens[place + 1] == .assignment {
                variables = [first]
                place += 2
            } else if place + 3 < tokens.count, tokens[place + 1] == .sign(","),
                case .variable(let second, _) = tokens[place + 2],
                tokens[place + 3] == .assignment
            {
                variables = [first, second]
                place += 4
            }
        }
        var pipe = try pipe()
        guard token == nil else { throw TemplateParser.failure("unexpected token in action") }
        pipe.variables = variables
        return pipe
    }

    private mutating func pipe() throws(LogQLFailure) -> Template.Pipe {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Limits.templateDepthMax else {
            throw TemplateParser.failure("too deeply nested")
        }
        var pipe = Template.Pipe()
        while true {
            pipe.commands.append(try command(isFirst: pipe.commands.isEmpty))
            guard token == .sign("|") else { return pipe }
            place += 1
        }
    }

    private mutating func command(isFirst: Bool) throws(LogQLFailure) -> Template.Command {
        var command = Template.Command()
        while let token, token != .sign("|"), token != .sign(")") {
            command.arguments.append(try operand(token))
        }
        guard let head = command.arguments.first else {
            throw TemplateParser.failure("missing value for command")
        }
        if case .function = head { return command }
        guard isFirst, command.arguments.count == 1 else {
            throw TemplateParser.failure("can't give argument to non-function")
        }
        return command
    }

    private mutating func operand(
        _ token: TemplateParser.Token
    ) throws(LogQLFailure) -> Template.Operand {
        place += 1
        switch token {
        case .text(let text): return .constant(.text(text))
        case .number(let text): return .constant(try Self.number(text))
        case .field(let path): return .field(path)
        case .variable(let name, let path): return .variable(name, path)
        case .word(let word):
            switch word {
            case "true", "false": return .constant(.bool(word == "true"))
            case "nil": return .constant(.none)
            default:
                guard let function = TemplateFunction(rawValue: word) else {
                    throw TemplateParser.failure("function \(LogQLText.quote(word)) not defined")
                }
                return .function(function)
            }
        case .sign("("):
            let inner = try pipe()
            guard self.token == .sign(")") else {
                throw TemplateParser.failure("unclosed left paren")
            }
            place += 1
            if case .field(let path)? = self.token, !path.isEmpty {
                place += 1
                return .pipe(inner, path)
            }
            return .pipe(inner, [])
        case .sign, .assignment: throw TemplateParser.failure("unexpected token in operand")
        }
    }

    private static func number(_ text: String) throws(LogQLFailure) -> TemplateValue {
        if let value = Int64(text) { return .int(value) }
        if text.hasPrefix("0x"), let value = Int64(text.dropFirst(2), radix: 16) {
            return .int(value)
        }
        if let value = Double(text), value.isFinite { return .double(value) }
        throw TemplateParser.failure("bad number syntax: \(LogQLText.quote(text))")
    }
}
