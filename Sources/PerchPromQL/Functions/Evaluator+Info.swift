import PerchModel
import PerchRegex

/// `info`: adds labels of info series, such as `target_info`, to series of the same target.
extension Evaluator {
    func evaluateInfo(
        _ node: FunctionCall, _ grid: StepGrid, _ sink: Sink
    ) async throws(QueryFailure) {
        var matchers: [LabelMatcher] = []
        if node.arguments.count > 1, case .vector(let selector) = node.arguments[1].unwrapped {
            matchers = selector.matchers
        }
        let join = InfoJoin(matchers: matchers)
        let base = try await collect(node.arguments[0], grid)
        let identities = Set(
            base.series.lazy.filter { !join.isInfo($0.labels) }
                .map { $0.labels.keeping(InfoJoin.identifying) }.filter { !$0.bytes.isEmpty })
        var infos = HeldSeries()
        if !identities.isEmpty {
            var selector = VectorSelector(
                name: "", matchers: join.selection(identities), range: node.range)
            (selector.at, selector.offset) = node.arguments[0].firstReference
            var found: [StepSeries] = []
            try await select(selector, grid, .times, allowsHistograms: false) {
                (series) throws(QueryFailure) in
                try hold(grid.count, grid.count * 8)
                infos.samples += grid.count
                infos.bytes += grid.count * 8
                found.append(series)
            }
            infos.series = found
        }
        let results = try join.combine(base.series, infos.series, stepCount: grid.count)
        release(base)
        release(infos)
        for series in results { try sink(series) }
    }
}

extension QueryExpression {
    /// The time and the offset of the first selector, with those of subqueries around it.
    fileprivate var firstReference: (at: FixedTime?, offset: TimeSpan) {
        find() ?? (nil, TimeSpan(millis: 0))
    }

    private func find() -> (at: FixedTime?, offset: TimeSpan)? {
        switch self {
        case .number, .string: return nil
        case .vector(let node): return (node.at, node.offset)
        case .matrix(let node): return (node.selector.at, node.selector.offset)
        case .subquery(let node):
            guard var found = node.content.find() else { return nil }
            if found.at == nil {
                found.offset.millis &+= node.offset.millis
                found.at = node.at
            }
            return found
        case .unary(let node): return node.operand.find()
        case .parenthesized(let node): return node.content.find()
        case .binary(let node): return node.left.find() ?? node.right.find()
        case .aggregate(let node): return node.content.find() ?? node.parameter?.find()
        case .call(let node):
            for argument in node.arguments {
                if let found = argument.find() { return found }
            }
            return nil
        }
    }
}

/// How series and info series are put together.
private struct InfoJoin {
    /// The labels that say which target a series is of.
    static let identifying = ["instance", "job"]

    /// Conditions on the names of info series.
    private let names: [CompiledMatcher]
    /// Conditions on the labels that are taken over; without any, all are.
    private let data: [CompiledMatcher]

    private struct CompiledMatcher {
        let matcher: LabelMatcher
        let regex: Regex?

        init(_ matcher: LabelMatcher) {
            self.matcher = matcher
            let isPattern = matcher.operation == .matches || matcher.operation == .notMatches
            regex = isPattern ? try? Regex(matcher.value) : nil
        }

        func matches(_ value: String) -> Bool {
            switch matcher.operation {
            case .equal: value == matcher.value
            case .notEqual: value != matcher.value
            case .matches: regex?.matchesFully(value) ?? false
            case .notMatches: !(regex?.matchesFully(value) ?? false)
            }
        }
    }

    init(matchers: [LabelMatcher]) {
        var names = matchers.filter { $0.name == "__name__" }
        if names.isEmpty {
            names = [LabelMatcher("__name__", .equal, "target_info")]
        } else if !names.contains(where: { $0.operation == .equal || $0.operation == .matches }) {
            names.insert(LabelMatcher("__name__", .matches, ".+_info"), at: 0)
        }
        self.names = names.map { CompiledMatcher($0) }
        data = matchers.filter { $0.name != "__name__" }.map { CompiledMatcher($0) }
    }

    /// Whether a series is an info series itself, which is left as it is.
    func isInfo(_ labels: Labels) -> Bool {
        let name = labels.metricName
        return names.allSatisfy { $0.matches(name) }
    }

    /// What the info series of these targets fit.
    func selection(_ identities: Set<Labels>) -> [LabelMatcher] {
        var result = names.map(\.matcher) + data.map(\.matcher)
        for name in Self.identifying {
            let values = Set(identities.compactMap { $0[name] })
            // More are sorted out afterwards.
            guard !values.isEmpty, values.count <= 100 else { continue }
            let pattern = values.sorted().map(Self.quoted).joined(separator: "|")
            result.append(LabelMatcher(name, .matches, pattern))
        }
        return result
    }

    private static func quoted(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if "\\.+*?()|[]{}^$".contains(character) { result += "\\" }
            result.append(character)
        }
    }

    func combine(
        _ base: [StepSeries], _ infos: [StepSeries], stepCount: Int
    ) throws(QueryFailure) -> [StepSeries] {
        var candidates: [Labels: [String: [Int]]] = [:]
        for (index, info) in infos.enumerated() {
            let target = info.labels.keeping(Self.identifying)
            candidates[target, default: [:]][info.labels.metricName, default: []].append(index)
        }
        let allowsNone = data.allSatisfy { $0.matches("") }
        var merger = SeriesMerger()
        for series in base {
            if isInfo(series.labels) {
                try merger.add(series)
                continue
            }
            let groups = candidates[series.labels.keeping(Self.identifying)] ?? [:]
            let lists = groups.sorted { $0.key < $1.key }.map(\.value)
            // Which info series belong to it may differ from step to step.
            var results: [[Int]: StepSeries] = [:]
            for step in 0..<stepCount where series.hasSample(step) {
                var chosen: [Int] = []
                for list in lists {
                    if let info = try Self.newest(list, infos, step) { chosen.append(info) }
                }
                if chosen.isEmpty, !allowsNone { continue }
                if results[chosen] == nil {
                    results[chosen] = StepSeries(
                        labels: try labels(series.labels, chosen.map { infos[$0].labels }),
                        dropsName: series.dropsName, count: stepCount)
                }
                results[chosen]?.take(step, from: series)
            }
            for key in results.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                if let result = results[key] { try merger.add(result) }
            }
        }
        return merger.series
    }

    /// The info series with the newest sample; its values are the times of its samples.
    private static func newest(
        _ list: [Int], _ infos: [StepSeries], _ step: Int
    ) throws(QueryFailure) -> Int? {
        var best: Int?
        for index in list where infos[index].hasFloat(step) {
            guard let old = best else {
                best = index
                continue
            }
            let (before, now) = (infos[old].values[step], infos[index].values[step])
            guard before != now else {
                let millis = Int64((now * 1_000).rounded())
                throw .execution(
                    "found duplicate series for info metric: existing "
                        + "\(LabelText.braces(infos[old].labels)) @ \(millis), new "
                        + "\(LabelText.braces(infos[index].labels)) @ \(millis)")
            }
            if now > before { best = index }
        }
        return best
    }

    private func labels(_ base: Labels, _ infos: [Labels]) throws(QueryFailure) -> Labels {
        var added: [(name: String, value: String)] = []
        for info in infos {
            for (name, value) in info.pairs where name != "__name__" {
                if !data.isEmpty, !data.contains(where: { $0.matcher.name == name }) { continue }
                if let other = added.first(where: { $0.name == name }) {
                    guard other.value == value else {
                        throw .execution("conflicting label: \(name)")
                    }
                    continue
                }
                if base[name] == nil { added.append((name, value)) }
            }
        }
        return base.setting(added)
    }
}
