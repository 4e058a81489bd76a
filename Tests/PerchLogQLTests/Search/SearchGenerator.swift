import PerchModel
import PerchTestSupport

/// Rows and searches at random, untidy on purpose: missing fields, kinds that change within a
/// field, empty texts, letters beyond ASCII, times that come twice.
struct SearchGenerator {
    var generator: SeededGenerator

    static let names = ["user", "code", "path", "ratio", "region", "flag"]
    private static let words = [
        "", "a", "Timeout", "timeout at", "42", "-1", "1.5", "007", "1e3", "nan", "true", "t",
        "/api/orders", "/api/users/42", "ÄRGER", "straße", "a*b", "e\u{301}t", "👩‍👩‍👧", "at \"x\" \\ y",
        "OR", "LATE", "T",
    ]

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func int(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }

    mutating func pick<Element>(_ values: [Element]) -> Element { values[int(0..<values.count)] }

    private mutating func value() -> FieldValue {
        switch int(0..<10) {
        case 0, 1: .int(Int64(int(-3..<50)))
        case 2: .double(pick([0, 1.5, 42, 2.25, -1, 1_000, .nan]))
        case 3: .bool(int(0..<2) == 0)
        default: .string(pick(Self.words))
        }
    }

    mutating func rows(_ count: Int) -> [PlainRow] {
        let resources: [[String: FieldValue]] = [
            [:], ["service.name": .string("api")],
            ["service.name": .string("web"), "region": .string("eu"), "code": .int(7)],
        ]
        return (0..<count).map { _ in
            var row = PlainRow(time: Int64(int(0..<60)) * 1_000_000_000)
            row.resource = pick(resources)
            for name in Self.names where int(0..<5) < 3 {
                if int(0..<6) == 0 {
                    row.record[name] = value()
                } else {
                    row.attributes[name] = value()
                }
            }
            if int(0..<4) > 0 {
                row.record["body"] = .string(pick(Self.words) + " " + pick(Self.words))
            }
            if int(0..<5) == 0 {
                row.weight = Int64(int(1..<20))
                row.record["weight"] = .int(row.weight)
            }
            return row
        }
    }

    /// The rows as a store gives them.
    static func batch(_ rows: [PlainRow]) -> EventBatch {
        var builder = EventBatchBuilder(dataset: .logs)
        for row in rows {
            let resource = builder.intern(
                Resource(row.resource.map { Resource.Attribute(key: $0.key, value: $0.value) }))
            builder.beginRow(timeNanos: row.time, resource: resource)
            for (name, value) in row.record.sorted(by: { $0.key < $1.key }) {
                builder.set(.record, name, value)
            }
            for (name, value) in row.attributes.sorted(by: { $0.key < $1.key }) {
                builder.set(.attribute, name, value)
            }
        }
        return builder.batch
    }

    private mutating func number() -> Double { pick([-1, 0, 1.5, 7, 42, 1_000]) }

    mutating func search(depth: Int = 3) -> PlainSearch {
        if depth > 0, int(0..<2) == 0 {
            switch int(0..<4) {
            case 0: return .not(search(depth: depth - 1))
            case 1: return .any((0..<int(2..<4)).map { _ in search(depth: depth - 1) })
            default: return .all((0..<int(2..<4)).map { _ in search(depth: depth - 1) })
            }
        }
        let name = pick(Self.names)
        switch int(0..<9) {
        case 0: return .word(pick(Self.words).uppercased())
        case 1: return .compares(name, pick(["<", "<=", ">", ">="]), number())
        case 2:
            let low = number()
            return .range(
                name, int(0..<4) == 0 ? nil : low, int(0..<4) == 0 ? nil : low + number(),
                int(0..<2) == 0, int(0..<2) == 0)
        case 3: return .exists(name)
        case 4:
            let parts = [
                ["a", ""], ["", "t", ""], ["/api/", "/4", ""], ["/", "s"], ["", "2"],
                ["t", "t", "t"],
            ]
            return .starred(name, pick(parts))
        case 5: return .matches(name, pick(["^a", "t$", "[0-9]+", "^$", "a|e"]))
        case 6: return .list(name, [value().text, value().text])
        default: return .equals(name, value().text)
        }
    }
}
