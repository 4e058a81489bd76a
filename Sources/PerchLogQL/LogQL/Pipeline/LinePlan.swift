import PerchModel
import PerchRegex

/// A selector, split into what a store can look for and what is done to each row it gives.
struct LinePlan: Sendable {
    /// One thing that is done to a row.
    enum Stage: Sendable {
        case lineFilter(LineTest)
        case labelFilter(RowLabelFilter)
        case json([(name: String, path: JSONPath)])
        case logfmt(isStrict: Bool, keepsEmpty: Bool, [LabelExtraction])
        case pattern(LinePattern)
        case regexp(Regex)
        case unpack
        case lineFormat(Template)
        case labelFormat([(name: String, source: FormatSource)])
        case decolorize
        case drop([Selection])
        case keep([Selection])
    }

    enum FormatSource: Sendable {
        case label(String)
        case template(Template)
    }

    struct Selection: Sendable {
        var name: String
        /// Nil: whatever its value.
        var test: TextTest?
    }

    let predicate: EventPredicate
    /// Empty when the predicate says all.
    let stages: [Stage]
    /// The labels that stages look at.
    let labels: [String]
    /// Nanoseconds since 1970, for templates.
    let now: Int64
    /// The labels that are looked at; nil for all.
    private(set) var wanted: Set<String>?

    init(
        _ selector: LogSelector, _ catalog: LabelCatalog, now: Int64
    ) throws(LogQLFailure) {
        self.now = now
        var predicates: [EventPredicate] = []
        var stages: [Stage] = []
        var labels: Set<String> = []
        // Nothing can be said of a line before it was changed from how it is stored.
        var isLineStored = true
        for matcher in selector.matchers {
            predicates.append(try LabelPredicate.make(matcher, catalog))
        }
        for stage in selector.stages {
            switch stage {
            case .lineFilter(let filter):
                let test = try LineTest(filter)
                if isLineStored {
                    predicates.append(test.predicate)
                } else {
                    stages.append(.lineFilter(test))
                }
            case .labelFilter(let filter) where stages.isEmpty:
                predicates.append(try filter.predicate(catalog))
            default:
                let compiled = try Self.compile(stage, &labels)
                switch compiled {
                case .unpack, .lineFormat, .decolorize: isLineStored = false
                default: break
                }
                stages.append(compiled)
            }
        }
        let useful = predicates.filter { $0 != .all }
        predicate = useful.isEmpty ? .all : useful.count == 1 ? useful[0] : .and(useful)
        self.stages = stages
        self.labels = labels.sorted()
    }

    /// Has parsers pass over what nobody looks at: labels beside these, and those of the stages.
    mutating func limit(to others: Set<String>) {
        for stage in stages {
            switch stage {
            // A template may ask for any label.
            case .lineFormat: return
            case .labelFormat(let formats):
                for format in formats { if case .template = format.source { return } }
            default: break
            }
        }
        let all = others.union(labels).union([LabelCatalog.error, LabelCatalog.errorDetails])
        // A parser's own value of a label of the stream has another name.
        let plain = all.filter { $0.hasSuffix(RowLabels.suffix) }
            .map { String($0.dropLast(RowLabels.suffix.count)) }
        wanted = all.union(plain)
    }

    private static func compile(
        _ stage: PipelineStage, _ labels: inout Set<String>
    ) throws(LogQLFailure) -> Stage {
        switch stage {
        case .lineFilter(let filter): return .lineFilter(try LineTest(filter))
        case .labelFilter(let filter):
            labels.formUnion(filter.labels)
            return .labelFilter(try RowLabelFilter(filter))
        case .json(let extractions):
            return .json(
                extractions.compactMap { extraction in
                    JSONPath(extraction.path).map { (extraction.name, $0) }
                })
        case .logfmt(let isStrict, let keepsEmpty, let extractions):
            return .logfmt(isStrict: isStrict, keepsEmpty: keepsEmpty, extractions)
        case .pattern(let text): return .pattern(try LinePattern(text, isFilter: false))
        case .regexp(let text): return .regexp(try TextTest.regex(text))
        case .unpack: return .unpack
        case .decolorize: return .decolorize
        case .lineFormat(let text):
            let template = try Template(text)
            labels.formUnion(template.labels)
            return .lineFormat(template)
        case .labelFormat(let formats):
            var compiled: [(name: String, source: FormatSource)] = []
            for format in formats {
                labels.insert(format.name)
                switch format.source {
                case .label(let name):
                    labels.insert(name)
                    compiled.append((format.name, .label(name)))
                case .template(let text):
                    let template = try Template(text)
                    labels.formUnion(template.labels)
                    compiled.append((format.name, .template(template)))
                }
            }
            return .labelFormat(compiled)
        case .drop(let selections): return .drop(try selected(selections, &labels))
        case .keep(let selections): return .keep(try selected(selections, &labels))
        }
    }

    private static func selected(
        _ selections: [LabelSelection], _ labels: inout Set<String>
    ) throws(LogQLFailure) -> [Selection] {
        var result: [Selection] = []
        for selection in selections {
            switch selection {
            case .name(let name): result.append(Selection(name: name))
            case .matcher(let matcher):
                labels.insert(matcher.name)
                result.append(Selection(name: matcher.name, test: try TextTest(matcher)))
            }
        }
        return result
    }
}

extension LinePlan.Stage {
    /// The names of labels that it gives, takes or leaves, where the query says them.
    var foundNames: [String] {
        switch self {
        case .json(let paths): paths.map(\.name)
        case .logfmt(_, _, let extractions): extractions.map(\.name)
        case .pattern(let pattern): pattern.names
        case .regexp(let regex): regex.groupNames.compactMap { $0 }
        case .drop(let selections), .keep(let selections): selections.map(\.name)
        default: []
        }
    }
}

/// A filter of labels, ready to look at rows.
indirect enum RowLabelFilter: Sendable {
    case and(RowLabelFilter, RowLabelFilter)
    case or(RowLabelFilter, RowLabelFilter)
    case test(String, TextTest)

    init(_ filter: LabelFilter) throws(LogQLFailure) {
        switch filter {
        case .and(let left, let right):
            self = .and(try RowLabelFilter(left), try RowLabelFilter(right))
        case .or(let left, let right):
            self = .or(try RowLabelFilter(left), try RowLabelFilter(right))
        case .text, .number, .duration, .bytes, .address:
            guard let (label, test) = try filter.single() else {
                throw .badRequest("an empty filter")
            }
            self = .test(label, test)
        }
    }

    var labels: [String] {
        switch self {
        case .and(let left, let right), .or(let left, let right): left.labels + right.labels
        case .test(let label, _): [label]
        }
    }
}
