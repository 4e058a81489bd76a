import PerchModel

/// The form of a message: what varies from one to the next is left out.
///
/// Numbers become `<n>`, addresses `<ip>`, hexadecimal and mixed words `<id>`.
package enum MessagePattern {
    /// The form of a text.
    package static func text(_ bytes: ArraySlice<UInt8>) -> String {
        var pattern: [UInt8] = []
        append(bytes.span, to: &pattern)
        return String(decoding: pattern, as: UTF8.self)
    }

    /// Appends the form of a text.
    static func append(_ text: Span<UInt8>, to pattern: inout [UInt8]) {
        var index = 0
        let end = min(text.count, Limits.patternByteCountMax)
        while index < end {
            guard isWord(text[index]) else {
                pattern.append(text[index])
                index += 1
                continue
            }
            if let next = idEnd(text, index, end) {
                pattern.append(contentsOf: "<id>".utf8)
                index = next
                continue
            }
            if let next = calendarEnd(text, index, end) {
                pattern.append(contentsOf: "<n> ".utf8)
                index = next
                continue
            }
            let start = index
            var digits = 0
            var dots = 0
            var dashes = 0
            var isHex = true
            while index < end, isWord(text[index]) || isInner(text, index, end) {
                let byte = text[index]
                if isDigit(byte) { digits += 1 }
                if byte == UInt8(ascii: ".") { dots += 1 }
                if byte == UInt8(ascii: "-") { dashes += 1 }
                if Hex.value(of: byte) == nil, byte != UInt8(ascii: "-") { isHex = false }
                index += 1
            }
            let length = index - start
            if digits == 0 {
                pattern.append(text.extracting(start..<index))
            } else if digits + dots == length {
                pattern.append(contentsOf: (dots == 3 ? "<ip>" : "<n>").utf8)
            } else if isHex, length >= 8, dashes < length {
                pattern.append(contentsOf: "<id>".utf8)
            } else if let unit = unit(text, start, index) {
                pattern.append(contentsOf: "<n>".utf8)
                pattern.append(text.extracting(unit..<index))
            } else {
                pattern.append(contentsOf: "<id>".utf8)
            }
        }
    }

    /// Where a UUID ends that begins here.
    private static func idEnd(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        guard start + 36 <= end, text[start + 8] == UInt8(ascii: "-"),
            start + 36 == end || !isWord(text[start + 36])
        else { return nil }
        for index in 0..<36 {
            let byte = text[start + index]
            let isDash = [8, 13, 18, 23].contains(index)
            guard isDash ? byte == UInt8(ascii: "-") : Hex.value(of: byte) != nil else {
                return nil
            }
        }
        return start + 36
    }

    private static let months = words("JanFebMarAprMayJunJulAugSepOctNovDec")
    private static let weekdays = words("MonTueWedThuFriSatSun")

    private static func words(_ text: String) -> [[UInt8]] {
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: 3).map { Array(bytes[$0..<$0 + 3]) }
    }

    /// Where the month or the weekday ends, with its blanks, that begins here before a date.
    private static func calendarEnd(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        guard start + 4 < end, text[start] >= UInt8(ascii: "A"), text[start] <= UInt8(ascii: "W"),
            text[start + 3] == UInt8(ascii: " ") || text[start + 3] == UInt8(ascii: ",")
        else { return nil }
        func stands(_ words: [[UInt8]], at place: Int) -> Bool {
            place + 3 <= end
                && words.contains { word in (0..<3).allSatisfy { text[place + $0] == word[$0] } }
        }
        let isMonth = stands(months, at: start)
        guard isMonth || stands(weekdays, at: start) else { return nil }
        var index = start + 3
        if !isMonth, text[index] == UInt8(ascii: ",") { index += 1 }
        guard index < end, text[index] == UInt8(ascii: " ") else { return nil }
        while index < end, text[index] == UInt8(ascii: " ") { index += 1 }
        guard index < end, isDigit(text[index]) || !isMonth && stands(months, at: index) else {
            return nil
        }
        return index
    }

    /// Where a short unit begins behind a number: `250ms`, `1.5GB`.
    private static func unit(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        var index = start
        while index < end, isDigit(text[index]) || text[index] == UInt8(ascii: ".") { index += 1 }
        guard index > start, end - index <= 3 else { return nil }
        for rest in index..<end where isDigit(text[rest]) || !isWord(text[rest]) { return nil }
        return index
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// Letters, digits and what is no ASCII.
    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte >= 0x80 || byte == UInt8(ascii: "_")
            || (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
    }

    /// A dot or dash between two characters of words with a digit on one side.
    private static func isInner(_ text: Span<UInt8>, _ index: Int, _ end: Int) -> Bool {
        guard text[index] == UInt8(ascii: ".") || text[index] == UInt8(ascii: "-"),
            index > 0, index + 1 < end, isWord(text[index - 1]), isWord(text[index + 1])
        else { return false }
        return isDigit(text[index - 1]) || isDigit(text[index + 1])
    }
}

/// Counts the forms that messages have.
struct PatternCollector: Sendable {
    /// One form.
    struct Form: Sendable {
        var count: Int64 = 0
        var example = ""
        /// The numbers of the forms that it was joined from, for who asks.
        var members: [Int] = []
    }

    private var texts = TextTable()
    private var forms: [Form] = []
    /// Records whose form came when there were too many.
    private(set) var otherCount: Int64 = 0

    mutating func add(_ batch: EventBatch) {
        let weights = batch.weights
        var isTaken = [Bool](repeating: false, count: batch.rowCount)
        for reference in SearchField.prose.map(\.reference) {
            for column in batch.columns
            where column.name == reference.name && column.space == reference.space
                && (column.kind == .string || column.kind == .json)
            {
                // The form of an entry of a dictionary; -1 is not known yet, -2 is no room.
                var known = [Int](repeating: -1, count: column.isDictionary ? column.ends.count : 0)
                for index in column.rows.indices {
                    let row = Int(column.rows[index])
                    guard !isTaken[row] else { continue }
                    isTaken[row] = true
                    var place = -1
                    if column.isDictionary { place = known[Int(column.codes[index])] }
                    if place == -1 {
                        place = form(of: column, index)
                        if column.isDictionary { known[Int(column.codes[index])] = place }
                    }
                    if place >= 0 {
                        forms[place].count &+= weights?[row] ?? 1
                    } else {
                        otherCount &+= weights?[row] ?? 1
                    }
                }
            }
        }
    }

    private mutating func form(of column: Column, _ index: Int) -> Int {
        let text = column.bytes.span.extracting(column.byteRange(at: index))
        var pattern: [UInt8] = []
        MessagePattern.append(text, to: &pattern)
        return place(pattern) {
            var bytes: [UInt8] = []
            bytes.append(text.extracting(0..<min(text.count, Limits.patternByteCountMax)))
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private mutating func place(_ pattern: [UInt8], _ example: () -> String) -> Int {
        // When the table is full it takes one more to learn whether a form is known.
        guard texts.count <= Limits.patternsMax else { return -2 }
        let number = Int(texts.intern(pattern.span))
        if number == forms.count { forms.append(Form(example: example())) }
        return number
    }

    mutating func merge(_ other: PatternCollector) {
        for (number, form) in other.forms.enumerated() {
            let bytes = Array(other.texts.storage[other.texts.range(of: UInt32(number))])
            let known = place(bytes) { form.example }
            if known >= 0 {
                forms[known].count &+= form.count
            } else {
                otherCount &+= form.count
            }
        }
        otherCount &+= other.otherCount
    }

    /// The forms, the most frequent first; those that differ in few words are one.
    func table(_ columns: [String]) -> ResultTable {
        let sorted = forms.indices.map { number in
            (texts.text(of: UInt32(number)), forms[number])
        }.sorted { ($1.1.count, $0.0) < ($0.1.count, $1.0) }
        var table = ResultTable(columns: columns)
        for entry in PatternClusters.joined(sorted) {
            table.rows.append([
                .int(entry.form.count), .text(entry.pattern), .text(entry.form.example),
            ])
        }
        if otherCount > 0 { table.rows.append([.int(otherCount), .text("<other>"), .none]) }
        return table
    }
}

/// Joins forms that differ in few of their words, such as names of people.
enum PatternClusters {
    /// How many forms of one shape a form is compared with.
    private static let comparedMax = 100

    private struct Shape: Hashable {
        var wordCount: Int
        var first: Substring
    }

    static func joined(
        _ sorted: [(String, PatternCollector.Form)]
    ) -> [(pattern: String, form: PatternCollector.Form)] {
        var clusters: [(words: [Substring], form: PatternCollector.Form)] = []
        var byShape: [Shape: [Int]] = [:]
        for (pattern, form) in sorted {
            let words = pattern.split(separator: " ", omittingEmptySubsequences: false)
            let shape = Shape(wordCount: words.count, first: words.first ?? "")
            let alike = byShape[shape, default: []].prefix(comparedMax).first {
                isNear(clusters[$0].words, words)
            }
            if let alike {
                for index in words.indices where clusters[alike].words[index] != words[index] {
                    clusters[alike].words[index] = "<*>"
                }
                clusters[alike].form.count &+= form.count
                clusters[alike].form.members += form.members
            } else {
                byShape[shape, default: []].append(clusters.count)
                clusters.append((words, form))
            }
        }
        return clusters.map { ($0.words.joined(separator: " "), $0.form) }
            .sorted { ($1.form.count, $0.pattern) < ($0.form.count, $1.pattern) }
    }

    /// At least three words in four are the same, and at least three words there are.
    private static func isNear(_ left: [Substring], _ right: [Substring]) -> Bool {
        guard left.count >= 4 else { return false }
        let same = left.indices.count { left[$0] == right[$0] }
        return same * 4 >= left.count * 3
    }
}
