import PerchModel
import PerchRegex
import PerchWire

/// What is done to events between the decoder and the store: limits of services, sampling of logs,
/// trimming, redaction, in this order.
///
/// Without settings it looks at nothing.
package final class EventPolicy: Sendable {
    private let limiter: ServiceLimiter?
    private let sampler: LogSampler?
    private let redactor: Redactor?
    private let elementsMax: Int?

    /// Throws for a pattern that does not read, with what is wrong.
    package init(_ settings: EventPolicySettings) throws {
        limiter = settings.serviceEventsPerSecond.map { ServiceLimiter(perSecond: $0) }
        sampler = settings.routes.isEmpty ? nil : LogSampler(settings.routes)
        redactor = try Redactor(settings)
        elementsMax = settings.elementsMax
    }

    private init() {
        limiter = nil
        sampler = nil
        redactor = nil
        elementsMax = nil
    }

    /// The one that does nothing.
    package static let none = EventPolicy()

    /// Changes a batch as the settings say; answers how many rows sampling left out.
    func apply(_ batch: inout EventBatch, nowNanos: Int64) throws(Refusal) -> Int {
        try limiter?.take(batch, nowNanos: nowNanos)
        let before = batch.rowCount
        if batch.dataset == .logs { sampler?.sample(&batch) }
        if let elementsMax { Self.trim(&batch, elementsMax) }
        redactor?.redact(&batch)
        return before - batch.rowCount
    }

    private static func trim(_ batch: inout EventBatch, _ elementsMax: Int) {
        for index in batch.columns.indices where batch.columns[index].kind == .json {
            // Events and links of spans are records of their own, and no data of a caller's.
            let name = batch.columns[index].name
            if batch.columns[index].space == .record, name != RecordField.body { continue }
            batch.columns[index].rewrite { text, output in
                JSONTrim.append(text, elementsMax: elementsMax, to: &output)
            }
        }
    }
}

extension EventBatch {
    /// Makes one column of those of text that have become the same field; the first value of a row
    /// stays.
    mutating func joinColumns() {
        var index = 0
        while index < columns.count {
            let column = columns[index]
            let same = columns.indices.dropFirst(index + 1).filter {
                column.kind.isBytes && columns[$0].name == column.name
                    && columns[$0].space == column.space
                    && columns[$0].kind == column.kind
            }
            if !same.isEmpty {
                var values: [UInt32: ArraySlice<UInt8>] = [:]
                for other in [index] + same {
                    for (place, row) in columns[other].rows.enumerated() where values[row] == nil {
                        values[row] = columns[other].bytes[columns[other].byteRange(at: place)]
                    }
                }
                var joined = Column(name: column.name, space: column.space, kind: column.kind)
                for (row, value) in values.sorted(by: { $0.key < $1.key }) {
                    joined.rows.append(row)
                    joined.bytes += value
                    joined.ends.append(UInt32(clamping: joined.bytes.count))
                }
                columns[index] = joined
                for other in same.reversed() { columns.remove(at: other) }
            }
            index += 1
        }
    }
}

extension Column {
    /// Writes each value anew; of a dictionary, each entry.
    mutating func rewrite(_ change: (Span<UInt8>, inout [UInt8]) -> Void) {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var outputEnds: [UInt32] = []
        outputEnds.reserveCapacity(ends.count)
        for entry in ends.indices {
            change(bytes.span.extracting(entryRange(entry)), &output)
            outputEnds.append(UInt32(clamping: output.count))
        }
        bytes = output
        ends = outputEnds
        joinEqualEntries()
    }
}
