import PerchTestSupport
import Testing

@testable import PerchModel

@Suite("Filling batches row by row")
struct EventBatchBuilderTests {
    private struct Field: Hashable {
        var space: FieldSpace
        var name: String
        var kind: ColumnKind
    }

    /// Names that differ in one byte only, at every place a word of eight bytes may begin or end.
    private static let names: [String] = (0...20).flatMap { count in
        (0...count).map { place in
            var bytes = [UInt8](repeating: 0x61, count: count)
            if place < count { bytes[place] = 0x62 }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private static let kinds: [ColumnKind] = [.int, .double, .bool, .string, .json]

    private static func set(
        _ field: Field, _ number: Int, in builder: inout EventBatchBuilder
    ) {
        let name = Array(field.name.utf8)
        let text = Array(String(number).utf8)
        switch field.kind {
        case .int, .bool:
            builder.set(field.space, name.span, int: Int64(number), kind: field.kind)
        case .double: builder.set(field.space, name.span, double: Double(number))
        default: builder.set(field.space, name.span, bytes: text.span, kind: field.kind)
        }
    }

    private static func number(_ column: Column, _ index: Int) -> Int? {
        switch column.value(at: index) {
        case .int(let value): Int(value)
        case .bool: Int(column.ints[index])
        case .double(let value): Int(value)
        case .string(let text), .json(let text): Int(text)
        default: nil
        }
    }

    @Test("columns are as a dictionary would have them", arguments: 0..<20)
    func equalsPlainForm(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        var expected: [Field: [UInt32: Int]] = [:]
        // Most rows have the same fields in the same order, as real ones do.
        var usual: [Field] = []
        for row in 0..<100 {
            if row % 20 == 0 {
                usual = (0..<40).map { _ in
                    Field(
                        space: Bool.random(using: &random) ? .record : .attribute,
                        name: Self.names.randomElement(using: &random) ?? "",
                        kind: Self.kinds.randomElement(using: &random) ?? .int)
                }
            }
            let fields = row % 7 == 0 ? usual.shuffled(using: &random) : usual
            builder.beginRow(timeNanos: Int64(row), resource: resource)
            for (place, field) in fields.enumerated() {
                Self.set(field, row * 100 + place, in: &builder)
                // The first value of a field in a row wins.
                let known = expected[field]?[UInt32(row)]
                expected[field, default: [:]][UInt32(row)] = known ?? row * 100 + place
            }
        }
        #expect(builder.batch.columns.count == expected.count)
        for column in builder.batch.columns {
            let field = Field(space: column.space, name: column.name, kind: column.kind)
            let values = try #require(expected[field])
            #expect(column.rows == values.keys.sorted())
            for (index, row) in column.rows.enumerated() {
                #expect(Self.number(column, index) == values[row])
            }
        }
    }

    /// With few different texts a column stays a dictionary; with many it is written out at one of
    /// the looks at it, after some of the first repeated.
    @Test(
        "texts are the same in a dictionary and plainly",
        arguments: [1, 3, 60, 150, 300, 5_000])
    func texts(different: Int) throws {
        var random = SeededGenerator(seed: UInt64(different))
        var builder = EventBatchBuilder(dataset: .logs)
        let resource = builder.intern(Resource([]))
        let name = Array("text".utf8)
        var expected: [(row: UInt32, text: String)] = []
        for row in 0..<3_000 {
            builder.beginRow(timeNanos: Int64(row), resource: resource)
            guard row % 3 != 1 else { continue }
            let number = Int.random(in: 0..<different, using: &random)
            let text = String(repeating: "x", count: number % 40) + "\(number)"
            let value = Array((number == 7 ? "" : text).utf8)
            builder.set(.attribute, name.span, bytes: value.span, kind: .string)
            builder.set(.body, bytes: value.span, kind: .string)
            expected.append((UInt32(row), String(decoding: value, as: UTF8.self)))
        }
        let batch = builder.batch
        #expect(batch.columns.count == 2)
        for column in batch.columns {
            #expect(column.isDictionary == (different < 100))
            #expect(column.rows == expected.map(\.row))
            #expect(column.rows.indices.map { column.value(at: $0).text } == expected.map(\.text))
            if column.isDictionary {
                #expect(
                    Set(column.ends.indices.map { column.entry($0) }).count == column.entryCount)
            }
        }
    }

    @Test("many columns are found again after the table has grown")
    func manyColumns() {
        var builder = EventBatchBuilder(dataset: .spans)
        let resource = builder.intern(Resource([]))
        for row in 0..<3 {
            builder.beginRow(timeNanos: 0, resource: resource)
            let order = row == 1 ? Array((0..<5_000).reversed()) : Array(0..<5_000)
            for index in order {
                builder.set(.attribute, "field.\(index)", .int(Int64(index)))
            }
        }
        #expect(builder.batch.columns.count == 5_000)
        #expect(builder.batch.columns.allSatisfy { $0.rows == [0, 1, 2] })
        #expect(builder.batch.columns.allSatisfy { Set($0.ints).count == 1 })
    }

    /// A sender that knows the code cannot choose names that share a place in the table.
    @Test("which names collide depends on the process' seed")
    func hashIsSeeded() {
        let names = (0..<64).map { Array("collision.\($0)".utf8) }
        func places(_ seed: UInt64) -> [UInt64] {
            names.map { SeededHash.hash($0.span, seed: seed) & 63 }
        }
        #expect(places(1) == places(1))
        #expect(places(1) != places(2))
        let first = places(1)
        let second = places(2)
        let together = names.indices.filter { first[$0] == first[0] && $0 != 0 }
        #expect(together.contains { second[$0] != second[0] } || together.isEmpty)
    }
}
