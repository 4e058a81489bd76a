import PerchModel
import PerchRegex

/// Takes the rows of a batch through the stages of a plan, one by one.
struct RowRunner: Sendable {
    let plan: LinePlan
    /// The row's line as it is now.
    private(set) var line: [UInt8] = []
    private(set) var labels: RowLabels
    private var stored = StoredLabels()
    private let stages: [RowStage]
    /// The labels that are left, where others were taken away.
    private(set) var kept: [UInt32]?
    private var row = 0
    private let errorNumber: UInt32
    private let detailsNumber: UInt32
    let levelNumber: UInt32
    /// What a template writes.
    private var text: [UInt8] = []
    /// What a pattern finds.
    private var captures: [(name: Int, range: Range<Int>)] = []

    /// `names` are labels that the caller asks for beside those of the stages.
    init(_ plan: LinePlan, naming names: [String] = []) {
        self.plan = plan
        let own = [LabelCatalog.error, LabelCatalog.errorDetails, LabelCatalog.level]
        let found = plan.stages.flatMap(\.foundNames)
        var labels = RowLabels(Set(plan.labels + names + found + own), wanted: plan.wanted)
        stages = plan.stages.map { RowStage($0, &labels) }
        self.labels = labels
        errorNumber = labels.number(LabelCatalog.error) ?? 0
        detailsNumber = labels.number(LabelCatalog.errorDetails) ?? 0
        levelNumber = labels.number(LabelCatalog.level) ?? 0
    }

    /// A filter of the caller's, about labels that it named.
    func condition(_ filter: RowLabelFilter) -> RowCondition { RowCondition(filter, labels) }

    /// The number of a label that the caller named.
    func number(_ name: String) -> UInt32 { labels.number(name) ?? 0 }

    /// Turns to another batch.
    mutating func begin(_ batch: EventBatch) {
        stored.begin(batch)
    }

    /// Takes a row through all stages; false when it is left out.
    mutating func run(_ row: Int) -> Bool {
        self.row = row
        labels.begin()
        kept = nil
        line.removeAll(keepingCapacity: true)
        stored.appendLine(row, to: &line)
        for index in stages.indices {
            guard apply(stages[index]) else { return false }
        }
        return true
    }

    var time: Int64 { stored.batch.times[row] }

    /// Senders whose labels are alike have one number.
    var senderNumber: UInt32 { stored.senderNumber(row) }

    // MARK: Labels

    /// Where the value of a label stands among the bytes of the labels; empty when there is none.
    mutating func load(_ number: UInt32) -> Range<Int> {
        switch labels.value(number) {
        case .made(let range): return range
        case .gone: return 0..<0
        case .stored:
            if let kept, !kept.contains(number) { return 0..<0 }
            return loadStored(number)
        }
    }

    private mutating func loadStored(_ number: UInt32) -> Range<Int> {
        // Out of the labels for as long as they are read.
        var bytes: [UInt8] = []
        swap(&bytes, &labels.bytes)
        let start = bytes.count
        stored.append(number, labels, row, to: &bytes)
        swap(&bytes, &labels.bytes)
        return start..<labels.bytes.count
    }

    /// The value of a label; empty when there is none.
    mutating func text(_ number: UInt32) -> String {
        let range = load(number)
        return labels.text(range)
    }

    /// The value of a label by its name.
    mutating func value(_ name: String) -> String {
        if let number = labels.number(name) { return text(number) }
        return kept == nil ? stored.text(name, row) : ""
    }

    mutating func holds(_ condition: RowCondition) -> Bool {
        switch condition {
        case .and(let left, let right): return holds(left) && holds(right)
        case .or(let left, let right): return holds(left) || holds(right)
        case .test(let number, let test):
            let range = load(number)
            return test.holds(labels.bytes.span.extracting(range))
        }
    }

    /// What went wrong with the row; empty for nothing.
    mutating func error() -> String {
        if labels.changed.isEmpty, kept == nil, !stored.mayHaveErrors { return "" }
        return text(errorNumber)
    }

    mutating func setError(_ kind: String, _ details: String) {
        labels.set(errorNumber, kind)
        labels.set(detailsNumber, details)
    }

    /// Takes over what a parser found.
    ///
    /// A label of the stream stays; another value for it is one of the name `…_extracted`.
    private mutating func takeFound() {
        for index in labels.found.indices {
            let (number, range) = labels.found[index]
            guard case .stored = labels.value(number), stored.isOfStream(number, labels, row)
            else {
                labels.set(number, range)
                continue
            }
            let own = loadStored(number)
            guard !labels.bytes[own].elementsEqual(labels.bytes[range]) else { continue }
            if let other = labels.extracted(number) { labels.set(other, range) }
        }
        labels.dropFound()
    }

    // MARK: All of them

    /// The labels of the stream that are left as they were.
    mutating func streamPairs() -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for (name, value) in stored.senderPairs(row) where isLeft(name) {
            pairs.append((name, value))
        }
        if isLeft(LabelCatalog.level) { pairs.append((LabelCatalog.level, stored.level(row))) }
        return pairs
    }

    private func isLeft(_ name: String) -> Bool {
        guard let number = labels.number(name) else { return kept == nil }
        if let kept, !kept.contains(number) { return false }
        if case .stored = labels.value(number) { return true }
        return false
    }

    /// Fields of the record and attributes that are left as they were.
    mutating func structuredPairs() -> [(name: String, value: String)] {
        let sender = stored.senderPairs(row)
        var pairs: [(name: String, value: String)] = []
        for name in stored.fieldNames
        where name != LabelCatalog.level && isLeft(name)
            && !sender.contains(where: { $0.name == name })
        {
            pairs.append((name, ""))
        }
        for index in pairs.indices { pairs[index].value = stored.text(pairs[index].name, row) }
        return pairs.filter { !$0.value.isEmpty }
    }

    /// Labels that stages made.
    func parsedPairs() -> [(name: String, value: String)] {
        labels.changed.compactMap { number in
            guard case .made(let range) = labels.value(number), !range.isEmpty else { return nil }
            return (labels.text(of: number), labels.text(range))
        }
    }

    // MARK: Stages

    private mutating func apply(_ stage: RowStage) -> Bool {
        switch stage {
        case .lineFilter(let test): return test.holds(line.span)
        case .labelFilter(let condition): return holds(condition)
        case .json:
            parseJSON { (reader, labels) throws(JSONLine.Failure) in
                try reader.fields(&labels)
            }
        case .jsonPaths(let paths):
            parseJSON { (reader, labels) throws(JSONLine.Failure) in
                try reader.values(paths, &labels)
            }
        case .logfmt(let isStrict, let keepsEmpty):
            parseLogfmt(isStrict) { $0.fields($1, keepsEmpty: keepsEmpty, &$2) }
        case .logfmtKeys(let isStrict, let keys):
            parseLogfmt(isStrict) { $0.values($1, keys, &$2) }
        case .pattern(let pattern, let numbers): parse(pattern, numbers)
        case .regexp(let regex, let numbers): parse(regex, numbers)
        case .unpack: unpack()
        case .lineFormat(let template):
            if fill(template) { swap(&line, &text) }
        case .labelFormat(let formats): format(formats)
        case .decolorize: line = Self.decolorized(line)
        case .drop(let selections):
            for selection in selections where isSelected(selection) {
                labels.remove(selection.number)
            }
        case .keep(let selections): keep(selections)
        }
        return true
    }

    private mutating func isSelected(_ selection: RowStage.Selection) -> Bool {
        guard let test = selection.test else { return true }
        let range = load(selection.number)
        return test.holds(labels.bytes.span.extracting(range))
    }

    private mutating func keep(_ selections: [RowStage.Selection]) {
        // Loki's own labels stay.
        var left = [errorNumber, detailsNumber]
        for selection in selections where isSelected(selection) { left.append(selection.number) }
        kept = kept.map { $0.filter { left.contains($0) } } ?? left
        for number in labels.changed where !left.contains(number) { labels.remove(number) }
    }

    private mutating func parseJSON(
        _ read: (inout JSONLine, inout RowLabels) throws(JSONLine.Failure) -> Void
    ) {
        var reader = JSONLine(line)
        do {
            try read(&reader, &labels)
            takeFound()
        } catch {
            labels.dropFound()
            setError("JSONParserErr", error.message)
        }
    }

    private mutating func parseLogfmt(
        _ isStrict: Bool, _ read: (inout LogfmtLine, Span<UInt8>, inout RowLabels) -> Void
    ) {
        var reader = LogfmtLine(isStrict: isStrict)
        let line = self.line
        read(&reader, line.span, &labels)
        if let message = reader.failure { setError("LogfmtParserErr", message) }
        takeFound()
    }

    private mutating func parse(_ pattern: LinePattern, _ numbers: [UInt32?]) {
        captures.removeAll(keepingCapacity: true)
        let line = self.line
        pattern.find(in: line.span, &captures)
        for (name, range) in captures {
            guard let number = numbers[name] else { continue }
            let start = labels.bytes.count
            labels.bytes.append(line.span.extracting(range))
            labels.add(number, from: start)
        }
        takeFound()
    }

    private mutating func parse(_ regex: Regex, _ numbers: [UInt32?]) {
        let line = self.line
        guard let match = regex.firstMatch(in: line.span) else { return }
        for (group, number) in numbers.enumerated() {
            guard let number, let range = match.range(of: group) else { continue }
            let start = labels.bytes.count
            labels.bytes.append(line.span.extracting(range))
            labels.add(number, from: start)
        }
        takeFound()
    }

    private mutating func unpack() {
        var reader = JSONLine(line)
        do {
            let entry = try reader.strings(&labels)
            takeFound()
            guard let entry else { return }
            line = Array(labels.bytes[entry])
        } catch {
            labels.dropFound()
            setError("JSONParserErr", error.message)
        }
    }

    /// Writes what a template makes into `text`; false when it failed.
    private mutating func fill(_ template: RowTemplate) -> Bool {
        text.removeAll(keepingCapacity: true)
        guard let parts = template.parts else {
            var run = TemplateRun(self, now: plan.now)
            do {
                text = try run.run(template.template)
                return true
            } catch {
                setError("TemplateFormatErr", error.message)
                return false
            }
        }
        for part in parts {
            switch part {
            case .text(let bytes): text.append(contentsOf: bytes)
            case .label(let number):
                let range = load(number)
                let bytes = labels.bytes
                text.append(bytes.span.extracting(range))
            }
            guard text.count <= Limits.templateByteCountMax else {
                setError("TemplateFormatErr", TemplateRun.Failure.tooMuch.message)
                return false
            }
        }
        return true
    }

    private mutating func format(_ formats: [(number: UInt32, source: RowStage.Source)]) {
        for format in formats {
            switch format.source {
            case .label(let source):
                let range = load(source)
                labels.remove(source)
                labels.set(format.number, range)
            case .template(let template):
                guard fill(template) else { continue }
                let start = labels.bytes.count
                labels.bytes.append(contentsOf: text)
                labels.set(format.number, start..<labels.bytes.count)
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
