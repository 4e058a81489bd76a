package import PerchModel

/// What rows are grouped by.
package enum GroupingKey: Sendable, Hashable {
    /// The text of the first of these fields that a row has.
    case field([FieldReference])
    /// The name of a record's level; `unknown` when it says none that is known.
    case level
    /// The sender, by all of its attributes.
    case resource
}

/// Numbers the values of one key: one look-up for each entry of a dictionary, not for each row.
///
/// Number 0 is "the row has none"; a value's number is one more than its text's.
struct FieldNumbers: Sendable {
    private let key: GroupingKey
    private(set) var texts = TextTable()
    /// Integers and the bits of doubles, so that text is made once for each distinct one.
    private var ints = WordTable()
    private var intTexts: [UInt32] = []
    private var doubles = WordTable()
    private var doubleTexts: [UInt32] = []
    /// For the key that is the sender: each once, in the order of their numbers.
    private(set) var resources: [Resource] = []
    private var resourceNumbers: [Resource: UInt32] = [:]

    /// Numbers so far, the one for "none" included.
    var count: Int { max(texts.count, resources.count) + 1 }

    init(_ key: GroupingKey) {
        self.key = key
    }

    /// The value's number of each row.
    mutating func numbers(of batch: EventBatch) -> [UInt32] {
        switch key {
        case .level: return levels(of: batch)
        case .resource:
            let numbers = batch.resources.map { number(ofResource: $0) }
            return batch.resourceIndexes.map { numbers[Int($0)] }
        case .field(let references):
            var result = [UInt32](repeating: 0, count: batch.rowCount)
            for reference in references { fill(&result, reference, batch) }
            return result
        }
    }

    /// Takes over what another one numbered; answers the number here of each of its numbers.
    mutating func merge(_ other: FieldNumbers) -> [UInt32] {
        guard case .resource = key else {
            let ranges = (0..<UInt32(other.texts.count)).map { other.texts.range(of: $0) }
            return [0] + texts.intern(other.texts.storage.span, ranges).map { $0 + 1 }
        }
        return [0] + other.resources.map { number(ofResource: $0) }
    }

    private mutating func number(ofResource resource: Resource) -> UInt32 {
        if let known = resourceNumbers[resource] { return known }
        resources.append(resource)
        let number = UInt32(resources.count)
        resourceNumbers[resource] = number
        return number
    }

    // MARK: Fields

    private mutating func fill(
        _ result: inout [UInt32], _ reference: FieldReference, _ batch: EventBatch
    ) {
        let places = batch.columns.indices.filter {
            batch.columns[$0].name == reference.name
                && (reference.space == nil || batch.columns[$0].space == reference.space)
        }.sorted {
            (batch.columns[$0].space.rawValue, batch.columns[$0].kind.rawValue)
                < (batch.columns[$1].space.rawValue, batch.columns[$1].kind.rawValue)
        }
        for place in places { fill(&result, batch.columns[place]) }
        guard reference.space == nil || reference.space == .resource else { return }
        let numbers = batch.resources.map { resource in
            resource[reference.name].map { texts.intern($0.text) + 1 } ?? 0
        }
        guard numbers.contains(where: { $0 != 0 }) else { return }
        for row in result.indices where result[row] == 0 {
            result[row] = numbers[Int(batch.resourceIndexes[row])]
        }
    }

    private mutating func fill(_ result: inout [UInt32], _ column: Column) {
        switch column.kind {
        case .int:
            for index in column.rows.indices {
                let row = Int(column.rows[index])
                if result[row] == 0 { result[row] = number(ofInt: column.ints[index]) }
            }
        case .double:
            for index in column.rows.indices {
                let row = Int(column.rows[index])
                if result[row] == 0 { result[row] = number(ofDouble: column.doubles[index]) }
            }
        case .bool:
            let numbers = [texts.intern("false") + 1, texts.intern("true") + 1]
            for index in column.rows.indices {
                let row = Int(column.rows[index])
                if result[row] == 0 { result[row] = numbers[column.ints[index] == 0 ? 0 : 1] }
            }
        case .string, .json, .bytes, .id:
            if column.codes.isEmpty {
                fillPlain(&result, column)
            } else {
                fillCoded(&result, column)
            }
        }
    }

    private mutating func fillPlain(_ result: inout [UInt32], _ column: Column) {
        for index in column.rows.indices {
            let row = Int(column.rows[index])
            if result[row] == 0 {
                result[row] = number(of: column, bytes: column.byteRange(at: index))
            }
        }
    }

    private mutating func fillCoded(_ result: inout [UInt32], _ column: Column) {
        // Only those that a row has: a batch may hold entries without rows.
        var isUsed = [Bool](repeating: false, count: column.ends.count)
        for index in column.rows.indices where result[Int(column.rows[index])] == 0 {
            isUsed[Int(column.codes[index])] = true
        }
        let used = isUsed.indices.filter { isUsed[$0] }
        var numbers = [UInt32](repeating: 0, count: column.ends.count)
        if column.kind == .string || column.kind == .json {
            let found = texts.intern(column.bytes.span, used.map { column.entryRange($0) })
            for (entry, number) in zip(used, found) { numbers[entry] = number + 1 }
        } else {
            for entry in used {
                numbers[entry] = number(of: column, bytes: column.entryRange(entry))
            }
        }
        for index in column.rows.indices {
            let row = Int(column.rows[index])
            if result[row] == 0 { result[row] = numbers[Int(column.codes[index])] }
        }
    }

    private mutating func number(of column: Column, bytes range: Range<Int>) -> UInt32 {
        let bytes = column.bytes.span.extracting(range)
        switch column.kind {
        case .id: return texts.intern(Hex.encode(Array(bytes))) + 1
        case .bytes: return texts.intern(FieldValue.bytes(Array(bytes)).text) + 1
        default: return texts.intern(bytes) + 1
        }
    }

    private mutating func number(ofInt value: Int64) -> UInt32 {
        let word = ints.intern(UInt64(bitPattern: value))
        if Int(word) == intTexts.count { intTexts.append(texts.intern(String(value)) + 1) }
        return intTexts[Int(word)]
    }

    private mutating func number(ofDouble value: Double) -> UInt32 {
        let word = doubles.intern(value.bitPattern)
        if Int(word) == doubleTexts.count { doubleTexts.append(texts.intern(String(value)) + 1) }
        return doubleTexts[Int(word)]
    }

    // MARK: Levels

    /// A number between 1 and 24 says the level, else the logger's own word does.
    private mutating func levels(of batch: EventBatch) -> [UInt32] {
        var result = [UInt32](repeating: 0, count: batch.rowCount)
        let byNumber = LogLevel.allCases.map { texts.intern($0.name) + 1 }
        for column in batch.columns
        where column.space == .record && column.name == RecordField.severityNumber
            && column.kind == .int
        {
            for index in column.rows.indices {
                if let level = LogLevel(number: column.ints[index]) {
                    result[Int(column.rows[index])] = byNumber[level.rawValue]
                }
            }
        }
        for column in batch.columns
        where column.space == .record && column.name == RecordField.severityText
            && column.kind == .string
        {
            var known: [Range<Int>: UInt32] = [:]
            for index in column.rows.indices where result[Int(column.rows[index])] == 0 {
                let range = column.byteRange(at: index)
                if known[range] == nil {
                    let word = String(decoding: column.bytes[range], as: UTF8.self)
                    known[range] = LogLevel(text: word).map { byNumber[$0.rawValue] } ?? 0
                }
                result[Int(column.rows[index])] = known[range] ?? 0
            }
        }
        if result.contains(0) {
            let unknown = texts.intern(LogLevel.unknownName) + 1
            for row in result.indices where result[row] == 0 { result[row] = unknown }
        }
        return result
    }
}
