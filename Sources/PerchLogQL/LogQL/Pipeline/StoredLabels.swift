import PerchModel

/// The labels that the rows of a batch have before any stage.
struct StoredLabels: Sendable {
    /// Where the values of a label stand.
    private struct Source {
        /// By the number of the sender: its value among `senderBytes`.
        var bySender: [Range<Int>?] = []
        /// Columns, the first that has a value first.
        var columns: [Int] = []
        var isLevel = false
    }

    private(set) var batch = EventBatch(dataset: .logs)
    private var columnsByLabel: [String: [Int]] = [:]
    private var bodies: [Int] = []
    private var senders: [[(name: String, value: String)]] = []
    private var senderBytes: [UInt8] = []
    /// The labels of all senders so far, and by resource of the batch which they are.
    private var knownSenders = TextTable()
    private var senderNumbers: [UInt32] = []
    /// By the number of a label's name; nil as long as nobody asked.
    private var sources: [Source?] = []
    private var generation: UInt64 = 0
    private var levels: (groups: [UInt32], names: [String])?
    /// Whether a sender named a field of its own as errors are named.
    private(set) var mayHaveErrors = false

    /// Turns to another batch.
    mutating func begin(_ batch: EventBatch) {
        self.batch = batch
        columnsByLabel = [:]
        bodies = []
        for (index, column) in batch.columns.enumerated() {
            if column.space == .record, column.name == RecordField.body { bodies.append(index) }
            guard let label = LabelCatalog.label(of: column) else { continue }
            columnsByLabel[label, default: []].append(index)
        }
        for label in columnsByLabel.keys {
            columnsByLabel[label]?.sort {
                (batch.columns[$0].space.rawValue, batch.columns[$0].kind.rawValue)
                    < (batch.columns[$1].space.rawValue, batch.columns[$1].kind.rawValue)
            }
        }
        senders = batch.resources.map { $0.labelPairs().filter { !$0.value.isEmpty } }
        senderBytes.removeAll(keepingCapacity: true)
        senderNumbers = senders.map { pairs in
            knownSenders.intern(Labels(pairs.map { ($0.name, $0.value) }).bytes.span)
        }
        sources = []
        levels = nil
        mayHaveErrors =
            columnsByLabel[LabelCatalog.error] != nil
            || senders.contains { $0.contains { $0.name == LabelCatalog.error } }
    }

    /// Appends the line of a row.
    func appendLine(_ row: Int, to line: inout [UInt8]) {
        for column in bodies {
            guard let place = batch.columns[column].index(ofRow: row) else { continue }
            append(column, place, to: &line)
            return
        }
    }

    /// Appends the value that a label has in a row, if it has one.
    mutating func append(
        _ number: UInt32, _ labels: RowLabels, _ row: Int, to output: inout [UInt8]
    ) {
        let source = source(number, labels)
        if sources[source]?.isLevel ?? false {
            output.append(contentsOf: level(row).utf8)
            return
        }
        let sender = Int(batch.resourceIndexes[row])
        if let range = sources[source]?.bySender[sender] {
            output.append(senderBytes.span.extracting(range))
            return
        }
        for index in 0..<(sources[source]?.columns.count ?? 0) {
            guard let column = sources[source]?.columns[index],
                let place = batch.columns[column].index(ofRow: row)
            else { continue }
            append(column, place, to: &output)
            return
        }
    }

    /// Whether the sender or the level gives this label, which a parser does not write over.
    mutating func isOfStream(_ number: UInt32, _ labels: RowLabels, _ row: Int) -> Bool {
        let source = source(number, labels)
        if sources[source]?.isLevel ?? false { return true }
        return sources[source]?.bySender[Int(batch.resourceIndexes[row])] != nil
    }

    /// In its place: a copy of a column counts references of all that it holds.
    private func append(_ column: Int, _ place: Int, to output: inout [UInt8]) {
        switch batch.columns[column].kind {
        case .string, .json:
            let range = batch.columns[column].byteRange(at: place)
            let bytes = batch.columns[column].bytes
            output.append(bytes.span.extracting(range))
        default:
            output.append(contentsOf: batch.columns[column].value(at: place).text.utf8)
        }
    }

    /// Where in `sources` a label's source stands, which is made when it is asked for first.
    private mutating func source(_ number: UInt32, _ labels: RowLabels) -> Int {
        if generation != labels.generation {
            generation = labels.generation
            sources.removeAll(keepingCapacity: true)
        }
        let place = Int(number)
        if place >= sources.count {
            sources.append(
                contentsOf: repeatElement(nil, count: labels.nameCount - sources.count))
        }
        if sources[place] == nil { sources[place] = make(labels.text(of: number)) }
        return place
    }

    private mutating func make(_ name: String) -> Source {
        var source = Source()
        source.isLevel = name == LabelCatalog.level
        source.columns = columnsByLabel[name] ?? []
        for sender in senders {
            guard let value = sender.first(where: { $0.name == name })?.value else {
                source.bySender.append(nil)
                continue
            }
            let start = senderBytes.count
            senderBytes.append(contentsOf: value.utf8)
            source.bySender.append(start..<senderBytes.count)
        }
        return source
    }

    // MARK: All of them

    /// Which labels a row's sender has.
    func senderNumber(_ row: Int) -> UInt32 { senderNumbers[Int(batch.resourceIndexes[row])] }

    /// The labels of a row's sender.
    func senderPairs(_ row: Int) -> [(name: String, value: String)] {
        senders[Int(batch.resourceIndexes[row])]
    }

    /// Names of labels that are fields of records.
    var fieldNames: some Sequence<String> { columnsByLabel.keys }

    /// The value of a label by its name.
    mutating func text(_ name: String, _ row: Int) -> String {
        if name == LabelCatalog.level { return level(row) }
        if let value = senderPairs(row).first(where: { $0.name == name })?.value { return value }
        for column in columnsByLabel[name] ?? [] {
            if let place = batch.columns[column].index(ofRow: row) {
                return batch.columns[column].value(at: place).text
            }
        }
        return ""
    }

    mutating func level(_ row: Int) -> String {
        if levels == nil {
            var grouper = EventGrouper([.level])
            let groups = (try? grouper.groups(of: batch)) ?? []
            levels = (
                groups,
                (0..<grouper.groupCount).map {
                    grouper.values(of: $0).first.flatMap { $0 } ?? ""
                }
            )
        }
        guard let levels, row < levels.groups.count else { return "" }
        return levels.names[Int(levels.groups[row])]
    }
}
