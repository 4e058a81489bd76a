package import PerchModel

/// Batches and predicates at random, untidy on purpose: missing fields, one name with two kinds,
/// empty values, bytes that are no UTF-8, times out of order.
package struct RandomEvents {
    package var generator: SeededGenerator

    private static let words = [
        "", "a", "Timeout", "timeout while", "user 42", "42", "-1", "1.5", "1e3", "nan", "true",
        "GET /api/Orders", "ÄRGER", "straße", "deadbeef", "x\u{FFFD}y",
    ]
    private static let names = ["body", "name", "level", "user.id", "service.name", "ratio", "ok"]

    package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    package mutating func int(_ range: Range<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }

    private mutating func word() -> String { Self.words[int(0..<Self.words.count)] }

    private mutating func value() -> FieldValue {
        switch int(0..<9) {
        case 0: .int(Int64(int(-2..<44)))
        case 1: .double([0, -0.0, 1.5, 42, .nan, .infinity, -1, 1000][int(0..<8)])
        case 2: .bool(int(0..<2) == 0)
        case 3: .bytes(Array(word().utf8))
        case 4: .json("{\"a\":\"\(word())\"}")
        case 5: .id([0xde, 0xad, 0xbe, 0xef])
        default: .string(word() + (int(0..<3) == 0 ? " " + word() : ""))
        }
    }

    /// A batch of up to `rowCountMax` rows with times in `times`.
    package mutating func batch(
        _ dataset: Dataset, rowCountMax: Int, times: Range<Int64>
    ) -> EventBatch {
        var builder = EventBatchBuilder(dataset: dataset)
        var resources: [UInt32] = []
        for _ in 0...int(0..<3) {
            var attributes: [Resource.Attribute] = []
            for name in Self.names where int(0..<3) == 0 {
                attributes.append(Resource.Attribute(key: name, value: value()))
            }
            resources.append(builder.intern(Resource(attributes)))
        }
        for _ in 0..<int(1..<rowCountMax + 1) {
            let time = Int64.random(in: times, using: &generator)
            builder.beginRow(timeNanos: time, resource: resources[int(0..<resources.count)])
            for name in Self.names where int(0..<5) < 3 {
                let space: FieldSpace = int(0..<3) == 0 ? .record : .attribute
                builder.set(space, name, value())
            }
            if int(0..<10) == 0 {
                let bad: [UInt8] = [0xff, 0x41, 0x80]
                builder.set(.record, Array("body".utf8).span, bytes: bad.span, kind: .string)
            }
        }
        return builder.batch
    }

    private mutating func field() -> FieldReference {
        let space: FieldSpace? = [nil, nil, .record, .attribute, .resource][int(0..<5)]
        return FieldReference(Self.names[int(0..<Self.names.count)], space: space)
    }

    /// A predicate of up to `depth` levels.
    package mutating func predicate(depth: Int = 3) -> EventPredicate {
        if depth > 0, int(0..<2) == 0 {
            switch int(0..<3) {
            case 0: return .and((0..<int(0..<4)).map { _ in predicate(depth: depth - 1) })
            case 1: return .or((0..<int(0..<4)).map { _ in predicate(depth: depth - 1) })
            default: return .not(predicate(depth: depth - 1))
            }
        }
        switch int(0..<10) {
        case 8: return .containsExactly(field(), word())
        case 9:
            // The plainest pattern: it begins and ends with something.
            let (head, tail) = (Array(word().utf8.prefix(2)), Array(word().utf8.suffix(1)))
            let pattern = TextPattern("^\(head).*\(tail)$") { text in
                text.count >= head.count + tail.count
                    && head.indices.allSatisfy { text[$0] == head[$0] }
                    && tail.indices.allSatisfy { text[text.count - tail.count + $0] == tail[$0] }
            }
            return .matches(field(), pattern)
        case 0: return .all
        case 1: return .contains(field(), word().lowercased())
        case 2: return .hasPrefix(field(), String(word().prefix(3)))
        case 3:
            let comparison: EventPredicate.Comparison =
                EventPredicate.Comparison.allCases[int(0..<5)]
            return .compares(field(), comparison, [0, 1.5, 42, -1][int(0..<4)])
        case 4: return .exists(field())
        case 5: return .anyText(word().uppercased())
        default: return .equals(field(), value().text)
        }
    }
}
