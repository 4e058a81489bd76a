package import PerchBytes
package import PerchModel

/// Why a payload of the write log is no event batch.
package enum EventPayloadFailure: Error, Equatable, Sendable {
    /// The bytes do not follow the format.
    case damaged(ByteFailure)
    /// A format number of a newer version.
    case unknownFormat(UInt8)
    /// It would unfold to more bytes than any batch that was accepted.
    case tooLarge(atByte: Int)
}

/// An ``EventBatch`` as bytes, see docs/format/event-batch.md.
package enum EventPayload {
    /// The first byte of every payload that is written.
    static let format: UInt8 = 2
    /// Payloads of these are read.
    static let formats: ClosedRange<UInt8> = 1...2

    /// How the values of one column stand.
    enum Layout: UInt8 {
        /// One after the other.
        case each = 0
        /// One, for all rows.
        case constant = 1
        /// Each different one once, and which of them each row has; of texts only.
        case dictionary = 2

        /// The oldest format that has it.
        var firstFormat: UInt8 { self == .dictionary ? 2 : 1 }
    }

    /// Which rows of a column have a value.
    enum RowLayout: UInt8 {
        case all = 0
        case some = 1
    }

    /// Adds the bytes of a batch.
    package static func encode(_ batch: EventBatch, into bytes: inout [UInt8]) {
        bytes.append(format)
        bytes.append(batch.dataset.rawValue)
        Varint.append(UInt64(batch.rowCount), to: &bytes)
        var previous: Int64 = 0
        for time in batch.times {
            Varint.appendZigzag(time &- previous, to: &bytes)
            previous = time
        }
        Varint.append(UInt64(batch.resources.count), to: &bytes)
        for resource in batch.resources { encode(resource, into: &bytes) }
        if isConstant(batch.resourceIndexes) {
            bytes.append(Layout.constant.rawValue)
            Varint.append(UInt64(batch.resourceIndexes.first ?? 0), to: &bytes)
        } else {
            bytes.append(Layout.each.rawValue)
            for index in batch.resourceIndexes { Varint.append(UInt64(index), to: &bytes) }
        }
        Varint.append(UInt64(batch.columns.count), to: &bytes)
        for column in batch.columns {
            encode(column, rowCount: batch.rowCount, into: &bytes)
        }
    }

    private static func encode(_ resource: Resource, into bytes: inout [UInt8]) {
        Varint.append(UInt64(resource.attributes.count), to: &bytes)
        for attribute in resource.attributes {
            ByteWriter.appendString(attribute.key, to: &bytes)
            switch attribute.value {
            case .int(let value):
                bytes.append(ColumnKind.int.rawValue)
                Varint.appendZigzag(value, to: &bytes)
            case .double(let value):
                bytes.append(ColumnKind.double.rawValue)
                LittleEndian.append(value, to: &bytes)
            case .bool(let value):
                bytes.append(ColumnKind.bool.rawValue)
                bytes.append(value ? 1 : 0)
            case .string(let value):
                bytes.append(ColumnKind.string.rawValue)
                ByteWriter.appendString(value, to: &bytes)
            case .json(let value):
                bytes.append(ColumnKind.json.rawValue)
                ByteWriter.appendString(value, to: &bytes)
            case .bytes(let value):
                bytes.append(ColumnKind.bytes.rawValue)
                ByteWriter.appendBlob(value, to: &bytes)
            case .id(let value):
                bytes.append(ColumnKind.id.rawValue)
                ByteWriter.appendBlob(value, to: &bytes)
            }
        }
    }

    private static func encode(_ column: Column, rowCount: Int, into bytes: inout [UInt8]) {
        ByteWriter.appendString(column.name, to: &bytes)
        bytes.append(column.space.rawValue)
        bytes.append(column.kind.rawValue)
        if column.rows.count == rowCount {
            bytes.append(RowLayout.all.rawValue)
        } else {
            bytes.append(RowLayout.some.rawValue)
            Varint.append(UInt64(column.rows.count), to: &bytes)
            var next: UInt32 = 0
            for row in column.rows {
                Varint.append(UInt64(row &- next), to: &bytes)
                next = row &+ 1
            }
        }
        switch column.kind {
        case .int, .bool: encode(ints: column.ints, into: &bytes)
        case .double: encode(doubles: column.doubles, into: &bytes)
        case .string, .bytes, .json, .id: encode(texts: column, into: &bytes)
        }
    }

    private static func encode(ints: [Int64], into bytes: inout [UInt8]) {
        guard !isConstant(ints) else {
            bytes.append(Layout.constant.rawValue)
            Varint.appendZigzag(ints.first ?? 0, to: &bytes)
            return
        }
        bytes.append(Layout.each.rawValue)
        for value in ints { Varint.appendZigzag(value, to: &bytes) }
    }

    private static func encode(doubles: [Double], into bytes: inout [UInt8]) {
        let bits = doubles.first?.bitPattern ?? 0
        guard !doubles.allSatisfy({ $0.bitPattern == bits }) else {
            bytes.append(Layout.constant.rawValue)
            LittleEndian.append(bits, to: &bytes)
            return
        }
        bytes.append(Layout.each.rawValue)
        LittleEndian.append(contentsOf: doubles, to: &bytes)
    }

    private static func encode(texts column: Column, into bytes: inout [UInt8]) {
        guard column.isDictionary ? !isConstant(column.codes) : !isConstantText(column) else {
            bytes.append(Layout.constant.rawValue)
            let first = column.rows.isEmpty ? 0..<0 : column.byteRange(at: 0)
            ByteWriter.appendBlob(column.bytes[first], to: &bytes)
            return
        }
        // Where nothing repeats, and entries stand as they came, they are the values.
        let isDictionary =
            column.isDictionary
            && (column.codes.count != column.ends.count
                || column.codes.indices.contains { column.codes[$0] != UInt32($0) })
        bytes.append((isDictionary ? Layout.dictionary : Layout.each).rawValue)
        if isDictionary { Varint.append(UInt64(column.ends.count), to: &bytes) }
        var start: UInt32 = 0
        for end in column.ends {
            Varint.append(UInt64(end &- start), to: &bytes)
            start = end
        }
        bytes.append(contentsOf: column.bytes)
        if isDictionary { encode(codes: column.codes, entryCount: column.ends.count, &bytes) }
    }

    /// Codes have as many bytes each as the last entry's needs.
    private static func encode(codes: [UInt32], entryCount: Int, _ bytes: inout [UInt8]) {
        if entryCount <= 1 << 8 {
            bytes.append(contentsOf: codes.map { UInt8(truncatingIfNeeded: $0) })
        } else if entryCount <= 1 << 16 {
            LittleEndian.append(
                contentsOf: codes.map { UInt16(truncatingIfNeeded: $0) }, to: &bytes)
        } else {
            LittleEndian.append(contentsOf: codes, to: &bytes)
        }
    }

    private static func isConstant<Value: Equatable>(_ values: [Value]) -> Bool {
        guard let first = values.first else { return true }
        return values.allSatisfy { $0 == first }
    }

    private static func isConstantText(_ column: Column) -> Bool {
        let length = Int(column.ends.first ?? 0)
        guard column.bytes.count == length * column.ends.count else { return false }
        for index in column.ends.indices
        where Int(column.ends[index]) != length * (index + 1) {
            return false
        }
        let bytes = column.bytes.span
        var index = length
        while index < bytes.count {
            if bytes[index] != bytes[index - length] { return false }
            index += 1
        }
        return true
    }
}

extension EventPayload {
    /// The dataset that a payload says it is of, without reading the rest.
    static func dataset(of payload: ArraySlice<UInt8>) -> Dataset? {
        guard payload.count > 1, payload.first.map(formats.contains) == true else { return nil }
        return Dataset(rawValue: payload[payload.startIndex + 1])
    }
}
