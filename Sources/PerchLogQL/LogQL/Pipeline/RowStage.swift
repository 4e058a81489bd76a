import PerchRegex

/// A stage of a plan with numbers in place of names, as rows are taken through it.
enum RowStage: Sendable {
    case lineFilter(LineTest)
    case labelFilter(RowCondition)
    case json
    /// Also those that nobody looks at: they tell whether the line can be read.
    case jsonPaths([(number: UInt32?, path: JSONPath)])
    case logfmt(isStrict: Bool, keepsEmpty: Bool)
    case logfmtKeys(isStrict: Bool, [(key: [UInt8], number: UInt32)])
    /// By the place of a name among those of the pattern.
    case pattern(LinePattern, [UInt32?])
    /// By the number of the group.
    case regexp(Regex, [UInt32?])
    case unpack
    case lineFormat(RowTemplate)
    case labelFormat([(number: UInt32, source: Source)])
    case decolorize
    case drop([Selection])
    case keep([Selection])

    enum Source: Sendable {
        case label(UInt32)
        case template(RowTemplate)
    }

    struct Selection: Sendable {
        var number: UInt32
        /// Nil: whatever its value.
        var test: TextTest?
    }

    /// What parsers find goes by numbers that only wanted names have.
    init(_ stage: LinePlan.Stage, _ labels: inout RowLabels) {
        func fixed(_ name: String) -> UInt32 { labels.number(name) ?? 0 }
        func selections(_ list: [LinePlan.Selection]) -> [Selection] {
            list.map { Selection(number: fixed($0.name), test: $0.test) }
        }
        switch stage {
        case .lineFilter(let test): self = .lineFilter(test)
        case .labelFilter(let filter): self = .labelFilter(RowCondition(filter, labels))
        case .json(let paths):
            guard !paths.isEmpty else {
                self = .json
                return
            }
            self = .jsonPaths(paths.map { (labels.number(found: $0.name), $0.path) })
        case .logfmt(let isStrict, let keepsEmpty, let extractions):
            guard !extractions.isEmpty else {
                self = .logfmt(isStrict: isStrict, keepsEmpty: keepsEmpty)
                return
            }
            var keys: [([UInt8], UInt32)] = []
            for extraction in extractions {
                guard let number = labels.number(found: extraction.name) else { continue }
                keys.append((Array(extraction.path.utf8), number))
            }
            self = .logfmtKeys(isStrict: isStrict, keys)
        case .pattern(let pattern):
            self = .pattern(pattern, pattern.names.map { labels.number(found: $0) })
        case .regexp(let regex):
            self = .regexp(
                regex, regex.groupNames.map { $0.flatMap { labels.number(found: $0) } })
        case .unpack: self = .unpack
        case .lineFormat(let template): self = .lineFormat(RowTemplate(template, labels))
        case .labelFormat(let formats):
            self = .labelFormat(
                formats.map { format in
                    switch format.source {
                    case .label(let name): (fixed(format.name), .label(fixed(name)))
                    case .template(let template):
                        (fixed(format.name), .template(RowTemplate(template, labels)))
                    }
                })
        case .decolorize: self = .decolorize
        case .drop(let list): self = .drop(selections(list))
        case .keep(let list): self = .keep(selections(list))
        }
    }
}

/// A filter of labels by their numbers.
indirect enum RowCondition: Sendable {
    case and(RowCondition, RowCondition)
    case or(RowCondition, RowCondition)
    case test(UInt32, TextTest)

    init(_ filter: RowLabelFilter, _ labels: RowLabels) {
        switch filter {
        case .and(let left, let right):
            self = .and(RowCondition(left, labels), RowCondition(right, labels))
        case .or(let left, let right):
            self = .or(RowCondition(left, labels), RowCondition(right, labels))
        case .test(let name, let test): self = .test(labels.number(name) ?? 0, test)
        }
    }
}

/// A template, and its parts where it is nothing but texts and labels.
struct RowTemplate: Sendable {
    enum Part: Sendable {
        case text([UInt8])
        case label(UInt32)
    }

    let template: Template
    let parts: [Part]?

    init(_ template: Template, _ labels: RowLabels) {
        self.template = template
        var parts: [Part]? = []
        for node in template.nodes {
            if case .text(let bytes) = node {
                parts?.append(.text(bytes))
            } else if let name = node.plainLabel, let number = labels.number(name) {
                parts?.append(.label(number))
            } else {
                parts = nil
            }
        }
        self.parts = parts
    }
}
