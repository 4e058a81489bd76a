/// A text with parts that are computed, in the language of Go's templates.
///
/// Source: Go, package text/template; Grafana Loki, "Template functions". Definitions of further
/// templates are left out.
struct Template: Sendable {
    /// A piece of a template.
    indirect enum Node: Sendable {
        case text([UInt8])
        case action(Pipe)
        case conditional(Pipe, [Node], [Node])
        case with(Pipe, [Node], [Node])
        case range(Pipe, [Node], [Node])
    }

    /// Commands of which each gets what the one before gave; the result may go to variables.
    struct Pipe: Sendable {
        var variables: [String] = []
        var commands: [Command] = []
    }

    /// A function with its arguments, or a single value.
    struct Command: Sendable {
        var arguments: [Operand] = []
    }

    /// Something that has a value.
    indirect enum Operand: Sendable {
        case constant(TemplateValue)
        /// `.a.b`; no name is the dot itself.
        case field([String])
        /// `$a.b`.
        case variable(String, [String])
        case function(TemplateFunction)
        /// In parentheses, perhaps with fields behind them.
        case pipe(Pipe, [String])
    }

    let nodes: [Node]

    /// Reads a template, or says why it is none.
    init(_ text: String) throws(LogQLFailure) {
        var parser = try TemplateParser(text)
        nodes = try parser.template()
    }

    /// The names of labels that stand in it: those that need to be known before it runs.
    var labels: Set<String> {
        var result: Set<String> = []
        for node in nodes { node.collect(&result) }
        return result
    }
}

extension Template.Node {
    /// The label whose value is all that it writes: `{{.name}}`.
    var plainLabel: String? {
        guard case .action(let pipe) = self, pipe.variables.isEmpty, pipe.commands.count == 1,
            pipe.commands[0].arguments.count == 1,
            case .field(let path) = pipe.commands[0].arguments[0], path.count == 1
        else { return nil }
        return path[0]
    }

    fileprivate func collect(_ names: inout Set<String>) {
        switch self {
        case .text: break
        case .action(let pipe): pipe.collect(&names)
        case .conditional(let pipe, let first, let second), .with(let pipe, let first, let second),
            .range(let pipe, let first, let second):
            pipe.collect(&names)
            for node in first + second { node.collect(&names) }
        }
    }
}

extension Template.Pipe {
    fileprivate func collect(_ names: inout Set<String>) {
        for command in commands {
            for argument in command.arguments {
                switch argument {
                case .field(let path): if let name = path.first { names.insert(name) }
                case .variable(_, let path): if let name = path.first { names.insert(name) }
                case .pipe(let inner, _): inner.collect(&names)
                case .constant, .function: break
                }
            }
        }
    }
}
