import PerchBytes
package import PerchModel

extension EventPayload {
    /// Reads a batch back.
    ///
    /// Garbage throws, and never takes more memory than `Limits.decodedByteCountMax` and a small
    /// multiple of its own bytes.
    package static func decode(
        _ payload: ArraySlice<UInt8>
    ) throws(EventPayloadFailure) -> EventBatch {
        var decoder = EventPayloadDecoder(payload)
        do {
            return try decoder.batch()
        } catch let failure as EventPayloadFailure {
            throw failure
        } catch let failure as ByteFailure {
            throw .damaged(failure)
        } catch {
            throw .damaged(.invalid(atByte: 0))
        }
    }
}

/// Reads one payload from front to back.
private struct EventPayloadDecoder {
    private var reader: ByteReader
    /// Bytes that columns may still unfold to.
    private var budget = Limits.decodedByteCountMax
    private var rowCount = 0
    private var format: UInt8 = 0

    init(_ payload: ArraySlice<UInt8>) {
        reader = ByteReader(payload)
    }

    mutating func batch() throws -> EventBatch {
        format = try reader.read(UInt8.self)
        guard EventPayload.formats.contains(format) else {
            throw EventPayloadFailure.unknownFormat(format)
        }
        guard let dataset = Dataset(rawValue: try reader.read(UInt8.self)) else { throw invalid() }
        var batch = EventBatch(dataset: dataset)
        rowCount = try reader.readCount()
        try spend(rowCount, times: 12)
        batch.times.reserveCapacity(rowCount)
        var time: Int64 = 0
        for _ in 0..<rowCount {
            time &+= try reader.readZigzag()
            batch.times.append(time)
        }
        let resourceCount = try reader.readCount()
        for _ in 0..<resourceCount { batch.resources.append(try resource()) }
        batch.resourceIndexes = try resourceIndexes(below: resourceCount)
        let columnCount = try reader.readCount(elementByteCountMin: 6)
        var keys: Set<ColumnKey> = []
        for _ in 0..<columnCount {
            let column = try column()
            guard keys.insert(ColumnKey(column)).inserted else { throw invalid() }
            batch.columns.append(column)
        }
        guard reader.isAtEnd else { throw invalid() }
        return batch
    }

    private func invalid() -> EventPayloadFailure {
        .damaged(.invalid(atByte: reader.position))
    }

    /// Takes `count * size` bytes off what may still be allocated.
    private mutating func spend(_ count: Int, times size: Int) throws {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, bytes <= budget else {
            throw EventPayloadFailure.tooLarge(atByte: reader.position)
        }
        budget -= bytes
    }

    private mutating func layout() throws -> EventPayload.Layout {
        guard let layout = EventPayload.Layout(rawValue: try reader.read(UInt8.self)),
            format >= layout.firstFormat
        else { throw invalid() }
        return layout
    }

    private mutating func kind() throws -> ColumnKind {
        guard let kind = ColumnKind(rawValue: try reader.read(UInt8.self)) else { throw invalid() }
        return kind
    }

    private mutating func bool() throws -> Int64 {
        let value = try reader.read(UInt8.self)
        guard value <= 1 else { throw invalid() }
        return Int64(value)
    }

    private mutating func resource() throws -> Resource {
        let count = try reader.readCount(elementByteCountMin: 3)
        var attributes: [Resource.Attribute] = []
        attributes.reserveCapacity(count)
        for _ in 0..<count {
            let key = try reader.readString()
            attributes.append(Resource.Attribute(key: key, value: try value()))
        }
        return Resource(attributes)
    }

    private mutating func value() throws -> FieldValue {
        switch try kind() {
        case .int: .int(try reader.readZigzag())
        case .double: .double(try reader.read(Double.self))
        case .bool: .bool(try bool() != 0)
        case .string: .string(try reader.readString())
        case .json: .json(try reader.readString())
        case .bytes: .bytes(Array(try reader.readBlob()))
        case .id: .id(Array(try reader.readBlob()))
        }
    }

    private mutating func resourceIndexes(below count: Int) throws -> [UInt32] {
        switch try layout() {
        case .constant:
            let index = try reader.readVarint()
            guard rowCount == 0 || index < UInt64(count) else { throw invalid() }
            return Array(repeating: UInt32(truncatingIfNeeded: index), count: rowCount)
        case .each:
            var indexes: [UInt32] = []
            indexes.reserveCapacity(rowCount)
            for _ in 0..<rowCount {
                let index = try reader.readVarint()
                guard index < UInt64(count) else { throw invalid() }
                indexes.append(UInt32(truncatingIfNeeded: index))
            }
            return indexes
        case .dictionary: throw invalid()
        }
    }

    private mutating func column() throws -> Column {
        let name = try reader.readString()
        guard let space = FieldSpace(rawValue: try reader.read(UInt8.self)), space != .resource
        else { throw invalid() }
        var column = Column(name: name, space: space, kind: try kind())
        column.rows = try rows()
        let count = column.rows.count
        switch column.kind {
        case .int: column.ints = try ints(count)
        case .bool:
            column.ints = try ints(count)
            guard column.ints.allSatisfy({ $0 == 0 || $0 == 1 }) else { throw invalid() }
        case .double: column.doubles = try doubles(count)
        case .string, .bytes, .json, .id: try texts(count, into: &column)
        }
        return column
    }

    private mutating func rows() throws -> [UInt32] {
        switch EventPayload.RowLayout(rawValue: try reader.read(UInt8.self)) {
        case nil: throw invalid()
        case .all:
            try spend(rowCount, times: 4)
            return (0..<rowCount).map { UInt32(truncatingIfNeeded: $0) }
        case .some:
            let count = try reader.readCount()
            try spend(count, times: 4)
            var rows: [UInt32] = []
            rows.reserveCapacity(count)
            var next: UInt64 = 0
            for _ in 0..<count {
                let gap = try reader.readVarint()
                guard gap < UInt64(rowCount), next + gap < UInt64(rowCount) else { throw invalid() }
                rows.append(UInt32(truncatingIfNeeded: next + gap))
                next += gap + 1
            }
            return rows
        }
    }

    private mutating func ints(_ count: Int) throws -> [Int64] {
        try spend(count, times: 8)
        guard try isEach() else {
            return Array(repeating: try reader.readZigzag(), count: count)
        }
        var values: [Int64] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try reader.readZigzag()) }
        return values
    }

    private mutating func doubles(_ count: Int) throws -> [Double] {
        try spend(count, times: 8)
        guard try isEach() else {
            return Array(repeating: try reader.read(Double.self), count: count)
        }
        return try reader.readArray(Double.self, count: count)
    }

    /// Whether there is a value for each row, and not one for all.
    private mutating func isEach() throws -> Bool {
        switch try layout() {
        case .each: true
        case .constant: false
        case .dictionary: throw invalid()
        }
    }

    private mutating func texts(_ count: Int, into column: inout Column) throws {
        try spend(count, times: 4)
        switch try layout() {
        case .each: try entries(count, into: &column)
        case .constant:
            column.bytes = Array(try reader.readBlob())
            try spend(column.bytes.count, times: 1)
            guard count > 0 else { return column.bytes = [] }
            column.ends = [UInt32(truncatingIfNeeded: column.bytes.count)]
            column.codes = Array(repeating: 0, count: count)
        case .dictionary:
            let entryCount = try reader.readCount()
            guard count > 0 else { throw invalid() }
            try spend(entryCount, times: 4)
            try entries(entryCount, into: &column)
            column.codes = try codes(count, entryCount)
        }
    }

    private mutating func entries(_ count: Int, into column: inout Column) throws {
        column.ends.reserveCapacity(count)
        var end: UInt64 = 0
        for _ in 0..<count {
            let length = try reader.readVarint()
            guard length <= UInt64(reader.remainingByteCount),
                end + length <= UInt64(reader.remainingByteCount)
            else { throw invalid() }
            end += length
            column.ends.append(UInt32(truncatingIfNeeded: end))
        }
        try spend(Int(end), times: 1)
        column.bytes = Array(try reader.readBytes(count: Int(end)))
    }

    private mutating func codes(_ count: Int, _ entryCount: Int) throws -> [UInt32] {
        let codes =
            if entryCount <= 1 << 8 {
                try reader.readBytes(count: count).map { UInt32($0) }
            } else if entryCount <= 1 << 16 {
                try reader.readArray(UInt16.self, count: count).map { UInt32($0) }
            } else {
                try reader.readArray(UInt32.self, count: count)
            }
        guard let greatest = codes.max(), greatest < entryCount else { throw invalid() }
        return codes
    }
}

/// What makes a column one of its batch.
private struct ColumnKey: Hashable {
    let name: String
    let space: FieldSpace
    let kind: ColumnKind

    init(_ column: Column) {
        name = column.name
        space = column.space
        kind = column.kind
    }
}
