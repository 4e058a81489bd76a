import PerchModel
import PerchRegex

/// Takes the rows of a batch through the stages of a plan, one by one.
struct RowRunner: Sendable {
    /// What a stage made of a label; nil takes it away.
    private struct Change {
        var name: String
        var value: String?
        var isParsed: Bool
    }

    let plan: LinePlan
    /// The row's line as it is now.
    private(set) var line: [UInt8] = []
    /// What was made of labels, by name.
    private var changes: [String: Change] = [:]
    /// Whether labels that no stage names are gone.
    private var keepsOnly: Set<String>?
    private var batch = EventBatch(dataset: .logs)
    private var row = 0
    /// The columns of each label of this batch that was asked for, the first that has a value first.
    private var columns: [String: [Column]] = [:]
    private var byLabel: [String: [Int]] = [:]
    private var bodies: [Column] = []
    private var resourceLabels: [[String: String]] = []
    private var levels: [String] = []
    /// Whether a sender named a field of its own as errors are named.
    private var mayStoreErrors = false

    init(_ plan: LinePlan) {
        self.plan = plan
    }

    /// Turns to another batch.
    mutating func begin(_ batch: EventBatch) {
        self.batch = batch
        columns = [:]
        byLabel = [:]
        bodies = []
        for (index, column) in batch.columns.enumerated() {
            if column.space == .record, column.name == RecordField.body { bodies.append(column) }
            guard let label = LabelCatalog.label(of: column) else { continue }
            byLabel[label, default: []].append(index)
        }
        for label in byLabel.keys {
            byLabel[label]?.sort {
                (batch.columns[$0].space.rawValue, batch.columns[$0].kind.rawValue)
                    < (batch.columns[$1].space.rawValue, batch.columns[$1].kind.rawValue)
            }
        }
        resourceLabels = batch.resources.map { resource in
            Dictionary(
                resource.labelPairs().map { ($0.name, $0.value) }, uniquingKeysWith: { a, _ in a })
        }
        mayStoreErrors =
            byLabel[LabelCatalog.error] != nil
            || resourceLabels.contains { $0[LabelCatalog.error] != nil }
        var grouper = EventGrouper([.level])
        let groups = (try? grouper.groups(of: batch)) ?? []
        let names = (0..<grouper.groupCount).map {
            grouper.values(of: $0).first.flatMap { $0 } ?? ""
        }
        levels = groups.map { names[Int($0)] }
    }

    /// Takes a row through all stages; false when it is left out.
    mutating func run(_ row: Int) -> Bool {
        self.row = row
        if !changes.isEmpty { changes.removeAll(keepingCapacity: true) }
        keepsOnly = nil
        line.removeAll(keepingCapacity: true)
        // In their place: a copy of a column counts references of all that it holds.
        for place in bodies.indices {
            guard let index = bodies[place].index(ofRow: row) else { continue }
            let kind = bodies[place].kind
            if kind == .string || kind == .json {
                let range = bodies[place].byteRange(at: index)
                let bytes = bodies[place].bytes
                line.append(bytes.span.extracting(range))
            } else {
                line.append(contentsOf: bodies[place].value(at: index).text.utf8)
            }
            break
        }
        for stage in plan.stages {
            guard apply(stage) else { return false }
        }
        return true
    }

    // MARK: Labels

    /// The value of a label; empty when there is none.
    func value(_ name: String) -> String {
        if let change = changes[name] { return change.value ?? "" }
        if let keepsOnly, !keepsOnly.contains(name) { return "" }
        return stored(name)
    }

    /// The value that a label had before any stage.
    private func stored(_ name: String) -> String {
        if name == LabelCatalog.level { return levels[row] }
        let sender = resourceLabels[Int(batch.resourceIndexes[row])]
        if let value = sender[name], !value.isEmpty { return value }
        for index in byLabel[name] ?? [] {
            if let place = batch.columns[index].index(ofRow: row) {
                return batch.columns[index].value(at: place).text
            }
        }
        return ""
    }

    /// Whether the sender or the level gives this label, which a parser does not write over.
    private func isOfStream(_ name: String) -> Bool {
        if name == LabelCatalog.level { return true }
        return resourceLabels[Int(batch.resourceIndexes[row])][name] != nil
    }

    mutating func set(_ name: String, _ value: String?, isParsed: Bool = true) {
        changes[name] = Change(name: name, value: value, isParsed: isParsed)
    }

    /// What went wrong with the row; empty for nothing.
    var error: String {
        if changes.isEmpty, keepsOnly == nil, !mayStoreErrors { return "" }
        return value(LabelCatalog.error)
    }

    mutating func setError(_ kind: String, _ details: String) {
        set(LabelCatalog.error, kind)
        set(LabelCatalog.errorDetails, details)
    }

    /// What a parser found.
    ///
    /// A label of the stream stays; another value for it is one of the name `…_extracted`.
    private mutating func setParsed(_ name: String, _ value: String) {
        if let wanted = plan.wanted, !wanted.has(name) { return }
        guard isOfStream(name), changes[name] == nil else {
            set(name, value)
            return
        }
        if stored(name) != value { set(name + WantedLabels.suffix, value) }
    }

    func holds(_ filter: RowLabelFilter) -> Bool {
        switch filter {
        case .and(let left, let right): holds(left) && holds(right)
        case .or(let left, let right): holds(left) || holds(right)
        case .test(let label, let test): test.holds(value(label))
        }
    }

    // MARK: Results

    /// The labels of the group that this row belongs to.
    func labels(_ plan: RangePlan) -> Labels {
        if let names = plan.labels {
            return Labels(names.map { ($0, value($0)) })
        }
        var pairs = streamPairs()
        for change in changes.values {
            if let value = change.value { pairs.append((change.name, value)) }
        }
        for name in plan.named where !pairs.contains(where: { $0.name == name }) {
            pairs.append((name, value(name)))
        }
        return Labels(pairs.filter { !plan.excluded.contains($0.name) && !$0.value.isEmpty })
    }

    /// The labels of the stream that are left as they were.
    func streamPairs() -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        let sender = resourceLabels[Int(batch.resourceIndexes[row])]
        for (name, value) in sender where isLeft(name) { pairs.append((name, value)) }
        if isLeft(LabelCatalog.level) { pairs.append((LabelCatalog.level, levels[row])) }
        return pairs
    }

    private func isLeft(_ name: String) -> Bool {
        changes[name] == nil && (keepsOnly?.contains(name) ?? true)
    }

    /// Fields of the record and attributes that are left as they were.
    func structuredPairs() -> [(name: String, value: String)] {
        let sender = resourceLabels[Int(batch.resourceIndexes[row])]
        var pairs: [(name: String, value: String)] = []
        for name in byLabel.keys where isLeft(name) && sender[name] == nil {
            let value = stored(name)
            if !value.isEmpty, name != LabelCatalog.level { pairs.append((name, value)) }
        }
        return pairs
    }

    /// Labels that stages made.
    func parsedPairs() -> [(name: String, value: String)] {
        changes.values.compactMap { change in
            change.value.flatMap { $0.isEmpty ? nil : (change.name, $0) }
        }
    }

    var time: Int64 { batch.times[row] }

    // MARK: Stages

    private mutating func apply(_ stage: LinePlan.Stage) -> Bool {
        switch stage {
        case .lineFilter(let test): return test.holds(line.span)
        case .labelFilter(let filter): return holds(filter)
        case .json(let paths): parseJSON(paths)
        case .logfmt(let isStrict, let keepsEmpty, let extractions):
            parseLogfmt(isStrict, keepsEmpty, extractions)
        case .pattern(let pattern):
            var found: [(String, String)] = []
            pattern.captures(in: line.span) { name, range in
                found.append((name, String(decoding: line[range], as: UTF8.self)))
            }
            for (name, value) in found { setParsed(name, value) }
        case .regexp(let regex):
            guard let match = regex.firstMatch(in: line.span) else { break }
            for (group, name) in regex.groupNames.enumerated() {
                guard let name, let range = match.range(of: group) else { continue }
                setParsed(name, String(decoding: line[range], as: UTF8.self))
            }
        case .unpack: unpack()
        case .lineFormat(let template): formatLine(template)
        case .labelFormat(let formats): formatLabels(formats)
        case .decolorize: line = Self.decolorized(line)
        case .drop(let selections):
            for selection in selections where selection.test?.holds(value(selection.name)) ?? true {
                set(selection.name, nil)
            }
        case .keep(let selections): keep(selections)
        }
        return true
    }

    private mutating func keep(_ selections: [LinePlan.Selection]) {
        var kept: Set<String> = []
        for selection in selections where selection.test?.holds(value(selection.name)) ?? true {
            kept.insert(selection.name)
        }
        // Loki's own labels stay.
        kept.formUnion([LabelCatalog.error, LabelCatalog.errorDetails])
        keepsOnly = keepsOnly.map { $0.intersection(kept) } ?? kept
        changes = changes.filter { kept.contains($0.key) }
    }

    private mutating func parseJSON(_ paths: [(name: String, path: JSONPath)]) {
        var reader = JSONLine(line)
        do {
            if paths.isEmpty {
                for (name, value) in try reader.flattened(plan.wanted) { setParsed(name, value) }
            } else {
                for (name, value) in try reader.values(paths) { setParsed(name, value) }
            }
        } catch {
            setError("JSONParserErr", error.message)
        }
    }

    private mutating func parseLogfmt(
        _ isStrict: Bool, _ keepsEmpty: Bool, _ extractions: [LabelExtraction]
    ) {
        // With names of their own, all keys may be asked for.
        let wanted = extractions.isEmpty ? plan.wanted : nil
        let parsed = LogfmtLine.pairs(line, isStrict: isStrict) { key in
            // Others than these may become a wanted name by their underscores.
            wanted.map { wanted in
                !key.allSatisfy { $0.isLogQLLetter || $0.isLogQLDigit }
                    || key.first?.isLogQLDigit ?? true || wanted.has(Array(key))
            } ?? true
        }
        if let message = parsed.failure { setError("LogfmtParserErr", message) }
        guard extractions.isEmpty else {
            for extraction in extractions {
                let value = parsed.pairs.last { $0.name == extraction.path }?.value
                if let value { setParsed(extraction.name, value) }
            }
            return
        }
        for (name, value) in parsed.pairs where keepsEmpty || !value.isEmpty {
            setParsed(LabelCatalog.label(name), value)
        }
    }

    private mutating func unpack() {
        var reader = JSONLine(line)
        do {
            for (name, value) in try reader.strings() {
                if name == "_entry" {
                    line = Array(value.utf8)
                } else {
                    setParsed(LabelCatalog.label(name), value)
                }
            }
        } catch {
            setError("JSONParserErr", error.message)
        }
    }

    private mutating func formatLine(_ template: Template) {
        var run = TemplateRun(self, now: plan.now)
        do {
            line = try run.run(template)
        } catch {
            setError("TemplateFormatErr", error.message)
        }
    }

    private mutating func formatLabels(_ formats: [(name: String, source: LinePlan.FormatSource)]) {
        for format in formats {
            switch format.source {
            case .label(let source):
                let text = value(source)
                set(source, nil)
                set(format.name, text)
            case .template(let template):
                var run = TemplateRun(self, now: plan.now)
                do {
                    let bytes = try run.run(template)
                    set(format.name, String(decoding: bytes, as: UTF8.self))
                } catch {
                    setError("TemplateFormatErr", error.message)
                }
            }
        }
    }

    /// The line without the escapes that colour terminals.
    static func decolorized(_ line: [UInt8]) -> [UInt8] {
        guard line.contains(0x1b) else { return line }
        var result: [UInt8] = []
        var place = 0
        while place < line.count {
            if line[place] == 0x1b, place + 1 < line.count, line[place + 1] == UInt8(ascii: "[") {
                var end = place + 2
                while end < line.count, !(0x40...0x7e).contains(line[end]) { end += 1 }
                place = min(end + 1, line.count)
            } else {
                result.append(line[place])
                place += 1
            }
        }
        return result
    }
}
