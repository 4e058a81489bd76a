import PerchModel

/// What a row is counted under.
extension RowRunner {
    /// The labels of the group that this row belongs to.
    mutating func groupLabels(_ plan: RangePlan) -> Labels {
        if let names = plan.labels {
            return Labels(names.map { ($0, value($0)) })
        }
        var pairs = streamPairs() + parsedPairs()
        for name in plan.named where !pairs.contains(where: { $0.name == name }) {
            pairs.append((name, value(name)))
        }
        return Labels(pairs.filter { !plan.excluded.contains($0.name) && !$0.value.isEmpty })
    }

    /// Appends the value of a label, so that no two keys are alike by chance.
    mutating func appendValue(_ number: UInt32, to key: inout [UInt8]) {
        let range = load(number)
        Self.append(UInt32(truncatingIfNeeded: range.count), to: &key)
        key.append(labels.bytes.span.extracting(range))
    }

    /// Appends what the labels of the row's stream and those of its parsers are told apart by.
    mutating func appendStream(to key: inout [UInt8]) {
        let sender = senderNumber
        Self.append(sender, to: &key)
        appendValue(levelNumber, to: &key)
        // Numbers mean names of one generation.
        Self.append(UInt32(truncatingIfNeeded: labels.generation), to: &key)
        Self.append(UInt32(truncatingIfNeeded: labels.changed.count), to: &key)
        for index in labels.changed.indices {
            let number = labels.changed[index]
            Self.append(number, to: &key)
            appendValue(number, to: &key)
        }
    }

    private static func append(_ number: UInt32, to key: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) {
            key.append(UInt8(truncatingIfNeeded: number >> UInt32(shift)))
        }
    }
}
