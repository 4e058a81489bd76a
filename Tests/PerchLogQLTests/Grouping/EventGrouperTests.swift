import PerchLogQL
import PerchModel
import PerchTestSupport
import Testing

/// Groups of rows, against the value of each field of each row.
@Suite("Rows with the same values are one group, and only those")
struct EventGrouperTests {
    private static let keys: [[GroupingKey]] = [
        [], [.field([FieldReference("body")])], [.level],
        [
            .field([
                FieldReference("ok", space: .resource), FieldReference("ok", space: .attribute),
            ])
        ],
        [.field([FieldReference("user.id")]), .field([FieldReference("ratio")]), .level],
        [.level, .field([FieldReference("service.name", space: .resource)])],
    ]

    private static func value(_ key: GroupingKey, _ batch: EventBatch, _ row: Int) -> String? {
        switch key {
        case .field(let references):
            return references.lazy.compactMap { batch.value(of: $0, row: row)?.text }.first
        case .level:
            let number = batch.value(
                of: FieldReference(RecordField.severityNumber, space: .record), row: row)
            if case .int(let number)? = number, let level = LogLevel(number: number) {
                return level.name
            }
            let text = batch.value(
                of: FieldReference(RecordField.severityText, space: .record), row: row)
            return text.flatMap { LogLevel(text: $0.text)?.name } ?? LogLevel.unknownName
        case .resource: return nil
        }
    }

    private static func batch(_ random: inout RandomEvents, isCoded: Bool) -> EventBatch {
        var batch = random.batch(.logs, rowCountMax: 60, times: 0..<1000)
        var levels = EventBatchBuilder(dataset: .logs)
        let resource = levels.intern(Resource([]))
        for number in 0..<random.int(0..<20) {
            levels.beginRow(timeNanos: Int64(number), resource: resource)
            if number % 3 == 0 {
                levels.set(.record, RecordField.severityNumber, int: Int64(random.int(-1..<27)))
            }
            let words = ["WARN", "Error", "whatever", "", "notice"]
            levels.set(.record, RecordField.severityText, .string(words[number % words.count]))
        }
        batch.append(contentsOf: levels.batch)
        guard isCoded else { return batch }
        for index in batch.columns.indices {
            batch.columns[index] = batch.columns[index].dictionary()
        }
        return batch
    }

    @Test(arguments: 0..<40)
    func groupsAreThoseOfTheValues(seed: Int) throws {
        var random = RandomEvents(seed: UInt64(seed))
        for keys in Self.keys {
            var grouper = EventGrouper(keys)
            var texts: [[String?]: UInt32] = [:]
            for _ in 0..<4 {
                let batch = Self.batch(&random, isCoded: random.int(0..<2) == 0)
                let groups = try grouper.groups(of: batch)
                #expect(groups.count == batch.rowCount)
                for row in 0..<batch.rowCount {
                    // Bytes that are no UTF-8 are told apart, and shown alike.
                    let values = keys.map { Self.value($0, batch, row) }
                    #expect(grouper.values(of: Int(groups[row])) == values)
                    guard !values.contains(where: { $0?.contains("\u{FFFD}") ?? false }) else {
                        continue
                    }
                    let known = texts[values] ?? groups[row]
                    texts[values] = known
                    #expect(known == groups[row])
                    #expect(groups[row] < grouper.groupCount)
                }
            }
        }
    }

    @Test(arguments: 0..<20)
    func groupsOfTwoPartsJoin(seed: Int) throws {
        var random = RandomEvents(seed: UInt64(seed))
        let keys: [GroupingKey] = [.resource, .field([FieldReference("ratio")]), .level]
        var first = EventGrouper(keys)
        var second = EventGrouper(keys)
        _ = try first.groups(of: Self.batch(&random, isCoded: true))
        let batch = Self.batch(&random, isCoded: false)
        let before = try second.groups(of: batch)
        let places = try first.merge(second)
        let after = try first.groups(of: batch)
        #expect(before.map { places[Int($0)] } == after)
        for row in 0..<batch.rowCount {
            #expect(first.resource(of: Int(after[row])) == batch.resource(ofRow: row))
        }
    }

    @Test func tooManyGroupsAreRefused() throws {
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        for number in 0..<20 {
            builder.beginRow(timeNanos: 0, resource: resource)
            builder.set(.attribute, "n", .int(Int64(number)))
        }
        let batch = builder.batch
        var grouper = EventGrouper([.field([FieldReference("n")])], groupCountMax: 10)
        #expect(throws: EventGrouper.TooManyGroups.self) { try grouper.groups(of: batch) }
    }

    @Test func timesFallIntoBuckets() {
        let buckets = TimeBuckets(start: 100, length: 10, count: 3)
        let times: [Int64] = [99, 100, 109, 110, 129, 130, .min, .max, 105, 120]
        #expect(buckets.indexes(of: times) == [-1, 0, 0, 1, 2, -1, -1, -1, 0, 2])
        #expect(
            buckets.indexes(of: times).map { $0 < 0 ? nil : Int($0) } == times.map(buckets.index))
        let wide = TimeBuckets(start: .min, length: .max, count: 5)
        #expect(wide.indexes(of: [.min, 0, .max]) == [0, -1, -1])
    }
}
