/// Fills a template with the labels of one row.
struct TemplateRun {
    struct Failure: Error {
        var message: String

        static let tooMuch = Failure(message: "the template takes too long or writes too much")
    }

    private var row: RowRunner
    let now: Int64
    private var variables: [(name: String, value: TemplateValue)] = []
    /// What the dot is; nil for the row's labels.
    private var dot: TemplateValue?
    private var output: [UInt8] = []
    private var steps = 0

    init(_ row: RowRunner, now: Int64) {
        self.row = row
        self.now = now
    }

    /// The text that a template makes.
    mutating func run(_ template: Template) throws(Failure) -> [UInt8] {
        try run(template.nodes)
        return output
    }

    private mutating func step() throws(Failure) {
        steps += 1
        guard steps <= Limits.templateStepsMax, output.count <= Limits.templateByteCountMax else {
            throw .tooMuch
        }
    }

    private mutating func run(_ nodes: [Template.Node]) throws(Failure) {
        for node in nodes {
            try step()
            switch node {
            case .text(let bytes): output += bytes
            case .action(let pipe):
                let value = try evaluate(pipe)
                if pipe.variables.isEmpty { output += Array(value.text.utf8) }
            case .conditional(let pipe, let first, let second):
                let count = variables.count
                try run(try evaluate(pipe).isTrue ? first : second)
                variables.removeLast(variables.count - count)
            case .with(let pipe, let first, let second):
                let count = variables.count
                let value = try evaluate(pipe)
                if value.isTrue {
                    let outer = dot
                    dot = value
                    try run(first)
                    dot = outer
                } else {
                    try run(second)
                }
                variables.removeLast(variables.count - count)
            case .range(let pipe, let first, let second): try range(pipe, first, second)
            }
        }
    }

    private mutating func range(
        _ pipe: Template.Pipe, _ body: [Template.Node], _ otherwise: [Template.Node]
    ) throws(Failure) {
        var plain = pipe
        plain.variables = []
        let pairs: [(TemplateValue, TemplateValue)]
        switch try evaluate(plain) {
        case .list(let values):
            pairs = values.enumerated().map { (.int(Int64($0.offset)), $0.element) }
        case .map(let values):
            pairs = values.sorted { $0.key < $1.key }.map { (.text($0.key), $0.value) }
        case .none: pairs = []
        default: throw Failure(message: "range can't iterate over this value")
        }
        let count = variables.count
        let outer = dot
        for (key, value) in pairs {
            try step()
            if pipe.variables.count == 2 { variables.append((pipe.variables[0], key)) }
            if let name = pipe.variables.last { variables.append((name, value)) }
            dot = value
            try run(body)
            variables.removeLast(variables.count - count)
        }
        dot = outer
        if pairs.isEmpty { try run(otherwise) }
    }

    // MARK: Values

    private mutating func evaluate(_ pipe: Template.Pipe) throws(Failure) -> TemplateValue {
        var value: TemplateValue?
        for command in pipe.commands { value = try evaluate(command, last: value) }
        let result = value ?? .none
        for name in pipe.variables {
            if let index = variables.lastIndex(where: { $0.name == name }) {
                variables[index].value = result
            } else {
                variables.append((name, result))
            }
        }
        return result
    }

    private mutating func evaluate(
        _ command: Template.Command, last: TemplateValue?
    ) throws(Failure) -> TemplateValue {
        try step()
        guard let head = command.arguments.first else { return .none }
        guard case .function(let function) = head else { return try evaluate(head) }
        if function == .and || function == .or {
            return try shortcut(function, command.arguments.dropFirst(), last)
        }
        var arguments: [TemplateValue] = []
        for argument in command.arguments.dropFirst() { arguments.append(try evaluate(argument)) }
        if let last { arguments.append(last) }
        return try TemplateCall(row: row, now: now).call(function, arguments)
    }

    private mutating func shortcut(
        _ function: TemplateFunction, _ arguments: ArraySlice<Template.Operand>,
        _ last: TemplateValue?
    ) throws(Failure) -> TemplateValue {
        var value = TemplateValue.none
        for argument in arguments {
            value = try evaluate(argument)
            if value.isTrue == (function == .or) { return value }
        }
        return last ?? value
    }

    private mutating func evaluate(_ operand: Template.Operand) throws(Failure) -> TemplateValue {
        switch operand {
        case .constant(let value): return value
        case .function(let function): return try TemplateCall(row: row, now: now).call(function, [])
        case .field(let path):
            guard let dot else {
                guard let name = path.first else { return .none }
                return Self.member(.text(row.value(name)), path.dropFirst())
            }
            return Self.member(dot, path[...])
        case .variable(let name, let path):
            if name.isEmpty { return .text(path.first.map { row.value($0) } ?? "") }
            guard let found = variables.last(where: { $0.name == name }) else {
                throw Failure(message: "undefined variable \"$\(name)\"")
            }
            return Self.member(found.value, path[...])
        case .pipe(let pipe, let path): return Self.member(try evaluate(pipe), path[...])
        }
    }

    private static func member(
        _ value: TemplateValue, _ path: ArraySlice<String>
    ) -> TemplateValue {
        var value = value
        for name in path {
            guard case .map(let values) = value else { return .none }
            value = values[name] ?? .none
        }
        return value
    }
}
