import PerchLogQL
package import PerchModel

/// What a search box offers for the text before the cursor.
package struct SearchCompletion: Sendable, Hashable {
    /// One entry.
    package struct Option: Sendable, Hashable {
        /// What takes the place of what was typed.
        package var text: String
        /// What stands beside it.
        package var note: String
    }

    /// How many characters before the cursor an option takes the place of, as JavaScript counts.
    package var replaced = 0
    package var options: [Option] = []

    package init() {}

    /// As JSON, for scripts.
    package var json: String {
        let items = options.map {
            "{\"text\":\(ChartJSON.string($0.text)),\"note\":\(ChartJSON.string($0.note))}"
        }
        return "{\"replaced\":\(replaced),\"options\":\(ChartJSON.array(items))}"
    }
}

/// What the text before a cursor ends with.
enum CompletionPlace: Hashable {
    /// A word that may become a field, with how it is typed so far.
    case field(String)
    /// A value of a field; the text may begin with a quote.
    case value(field: String, text: String)
    /// The name of a question behind a bar.
    case pipe(String)
    /// Inside of text in quotes, where nothing is offered.
    case none

    init(_ before: String) {
        let parts = LogSearchText(before)
        let part = parts.pipes.map { $0.split(separator: "|").last.map(String.init) ?? "" }
        if let part, before.last != "|" {
            let words = part.drop { $0 == " " }
            if !words.contains(" "), before.last?.isWhitespace != true || words.isEmpty {
                self = .pipe(String(words))
                return
            }
        } else if part != nil {
            self = .pipe("")
            return
        }
        self.init(token: Self.lastToken(before), isPipe: part != nil)
    }

    private init(token: String, isPipe: Bool) {
        var token = token[...]
        while let first = token.first, !isPipe, first == "-" || first == "!" {
            token.removeFirst()
        }
        guard !isPipe, let place = token.firstIndex(where: { ":=<>".contains($0) }),
            place > token.startIndex, token.first != "\""
        else {
            self = token.contains("\"") ? .none : .field(String(token))
            return
        }
        var value = token[place...]
        while let first = value.first, ":=<>".contains(first) { value.removeFirst() }
        let field = token[..<place].filter { $0 != "!" }
        self = .value(field: String(field), text: String(value))
    }

    /// From the last blank or opening parenthesis outside of quotes on.
    private static func lastToken(_ text: String) -> String {
        var start = text.startIndex
        var isQuoted = false
        for index in text.indices {
            let character = text[index]
            if character == "\"" { isQuoted.toggle() }
            guard !isQuoted, character.isWhitespace || "(,|".contains(character) else { continue }
            start = text.index(after: index)
        }
        return String(text[start...])
    }
}

extension PageQueries {
    private static let aliases: [Dataset: [(name: String, note: String)]] = [
        .logs: [
            ("level", "severity"), ("service", "who sent it"), ("message", "the text"),
            ("trace_id", "id of a trace"), ("status", "HTTP status"), ("time", "when"),
        ],
        .spans: [
            ("service", "who sent it"), ("name", "operation"), ("status", "ok, error, unset"),
            ("duration", "as 250ms"), ("kind", "server, client, …"), ("time", "when"),
        ],
    ]
    private static let pipes = [
        ("count", "how many, also by fields"), ("top", "the most frequent values of a field"),
        ("stats", "figures of groups"), ("timechart", "figures over time"),
        ("fields", "only these fields"), ("sort", "by a field"), ("limit", "so many rows"),
        ("patterns", "forms of messages"),
    ]

    /// What may stand next in a search over these rows, `before` being the text before the cursor.
    package func completion(
        _ before: String, _ dataset: Dataset, _ range: TimeRange
    ) async throws(StoreFailure) -> SearchCompletion {
        var result = SearchCompletion()
        switch CompletionPlace(before) {
        case .none: break
        case .pipe(let word):
            result.replaced = word.utf16.count
            result.options = Self.pipes.filter { $0.0.hasPrefix(word) }
                .map { SearchCompletion.Option(text: $0.0 + " ", note: $0.1) }
        case .field(let word):
            result.replaced = word.utf16.count
            let isPipe = LogSearchText(before).pipes != nil
            let names = try await fieldNames(word, dataset, range)
            result.options = names.map {
                SearchCompletion.Option(
                    text: SearchText.name($0.name) + (isPipe ? "" : ":"), note: $0.note)
            }
        case .value(let field, let text):
            result.replaced = text.utf16.count
            let typed = text.filter { $0 != "\"" }
            result.options = try await values(of: field, typed, dataset, range).map {
                SearchCompletion.Option(
                    text: SearchText.quoted($0.text) + " ", note: $0.note)
            }
        }
        return result
    }

    private func fieldNames(
        _ typed: String, _ dataset: Dataset, _ range: TimeRange
    ) async throws(StoreFailure) -> [(name: String, note: String)] {
        let typed = typed.lowercased()
        let aliases = Self.aliases[dataset] ?? []
        var names = aliases.filter { $0.name.hasPrefix(typed) }
        var known = Set(aliases.map(\.name))
        let fields = try await events.fields(of: dataset, times: range.nanos)
            .filter { $0.space != .record && $0.name.lowercased().contains(typed) }
            .sorted {
                let (left, right) = (
                    $0.name.lowercased().hasPrefix(typed), $1.name.lowercased().hasPrefix(typed)
                )
                return left == right ? $0.name < $1.name : left
            }
        for field in fields where names.count < Limits.completionsMax {
            guard known.insert(field.name).inserted else { continue }
            names.append((field.name, field.space == .resource ? "of the sender" : "attribute"))
        }
        return names
    }

    /// Values among the newest rows that have the field, the most frequent first.
    private func values(
        of field: String, _ typed: String, _ dataset: Dataset, _ range: TimeRange
    ) async throws(StoreFailure) -> [(text: String, note: String)] {
        switch (field, dataset) {
        case ("level", _), ("severity", _):
            return LogLevel.allCases.reversed().map { ($0.name, "") }
                .filter { $0.0.hasPrefix(typed) }
        case ("status", .spans):
            return ["error", "ok", "unset"].map { ($0, "") }.filter { $0.0.hasPrefix(typed) }
        case ("kind", .spans):
            return ["server", "client", "internal", "producer", "consumer"].map { ($0, "") }
                .filter { $0.0.hasPrefix(typed) }
        case ("time", _), ("message", _), ("msg", _), ("body", _), ("duration", _): return []
        default: break
        }
        let name = field == "service" ? "service.name" : field
        let reference = FieldReference(name)
        var query = EventQuery(dataset: dataset, times: range.nanos)
        query.predicate = .exists(reference)
        query.projection = .fields([reference])
        query.limit = Limits.completionRowsMax
        var counter = ValueCounter(name, typed)
        var cursor = events.read(query)
        while let batch = try await cursor.next() { counter.add(batch) }
        return counter.values.map { ($0.text, Units.count($0.count)) }
    }
}

/// Counts the values of one field that begin with a text.
private struct ValueCounter {
    private let name: String
    private let typed: String
    private var counts: [String: Int] = [:]

    init(_ name: String, _ typed: String) {
        self.name = name
        self.typed = typed.lowercased()
    }

    mutating func add(_ batch: EventBatch) {
        let columns = batch.columns.filter { $0.name == name }
        for column in columns {
            guard column.isDictionary else {
                for index in column.rows.indices { note(column.value(at: index).text, 1) }
                continue
            }
            var rows = [Int](repeating: 0, count: column.entryCount)
            for code in column.codes { rows[Int(code)] += 1 }
            for (entry, count) in rows.enumerated() where count > 0 {
                note(column.entry(entry).text, count)
            }
        }
        guard columns.isEmpty else { return }
        var rows = [Int](repeating: 0, count: batch.resources.count)
        for index in batch.resourceIndexes { rows[Int(index)] += 1 }
        for (resource, count) in zip(batch.resources, rows) where count > 0 {
            if let value = resource[name] { note(value.text, count) }
        }
    }

    private mutating func note(_ text: String, _ count: Int) {
        guard text.utf8.count <= Limits.fieldValueBytesMax,
            text.lowercased().hasPrefix(typed),
            counts[text] != nil || counts.count < Limits.fieldValuesCountedMax
        else { return }
        counts[text, default: 0] += count
    }

    var values: [(text: String, count: Int)] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .prefix(Limits.completionsMax).map { ($0.key, $0.value) }
    }
}
