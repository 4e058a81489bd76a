/// Names of the standard for what is read here.
///
/// Source: DWARF Debugging Information Format, versions 4 and 5, "Attribute encodings".
enum DebugAttribute {
    static let name: UInt64 = 0x03
    static let lines: UInt64 = 0x10
    static let low: UInt64 = 0x11
    static let high: UInt64 = 0x12
    static let folder: UInt64 = 0x1b
    static let origin: UInt64 = 0x31
    static let specification: UInt64 = 0x47
    static let ranges: UInt64 = 0x55
    static let callColumn: UInt64 = 0x57
    static let callFile: UInt64 = 0x58
    static let callLine: UInt64 = 0x59
    static let linkageName: UInt64 = 0x6e
    static let oldLinkageName: UInt64 = 0x2007
    static let stringOffsets: UInt64 = 0x72
    static let addresses: UInt64 = 0x73
    static let rangeLists: UInt64 = 0x74
}

/// What an entry is.
enum DebugTag {
    static let block: UInt64 = 0x0b
    static let unit: UInt64 = 0x11
    static let inlined: UInt64 = 0x1d
    static let function: UInt64 = 0x2e
}

/// A value as it stands in an entry: what it means depends on its form.
struct DebugValue {
    var form: UInt64
    var bits: UInt64
}

/// What entries of one shape have.
struct DebugShape {
    struct Part {
        var name: UInt64
        var form: UInt64
        /// For the form whose value stands here.
        var constant: Int64
    }

    var tag: UInt64
    var hasChildren: Bool
    var parts: [Part] = []
    /// Bytes of such an entry, nil when they differ.
    var byteCount: Int?

    /// Whether it says where code stands.
    var hasCode: Bool {
        parts.contains { $0.name == DebugAttribute.low || $0.name == DebugAttribute.ranges }
    }

    /// The shapes that the entries of a unit refer to by number.
    static func table(
        _ file: ObjectFile, _ range: Range<Int>, isLong: Bool
    ) -> [DebugShape?] {
        var cursor = ObjectCursor(file, range)
        var table: [DebugShape?] = []
        while !cursor.isAtEnd {
            let code = cursor.unsigned()
            guard code > 0, code < SymbolLimits.entriesMax else { break }
            let shape = DebugShape(&cursor, isLong: isLong)
            while table.count <= code { table.append(nil) }
            table[Int(code)] = shape
        }
        return table
    }

    init(_ cursor: inout ObjectCursor, isLong: Bool) {
        tag = cursor.unsigned()
        hasChildren = cursor.byte() != 0
        var total: Int? = 0
        while !cursor.isAtEnd {
            let name = cursor.unsigned()
            let form = cursor.unsigned()
            guard name != 0 || form != 0 else { break }
            let constant = form == 0x21 ? cursor.signed() : 0
            parts.append(Part(name: name, form: form, constant: constant))
            let size = Self.byteCount(of: form, isLong: isLong)
            if let known = total, let size { total = known + size } else { total = nil }
        }
        byteCount = total
    }

    /// Bytes of a value, nil when it tells them itself.
    static func byteCount(of form: UInt64, isLong: Bool) -> Int? {
        switch form {
        case 0x19, 0x21: 0
        case 0x0b, 0x0c, 0x11, 0x25, 0x29: 1
        case 0x05, 0x12, 0x26, 0x2a: 2
        case 0x27, 0x2b: 3
        case 0x06, 0x13, 0x1c, 0x28, 0x2c: 4
        case 0x01, 0x07, 0x14, 0x20, 0x24: 8
        case 0x1e: 16
        case 0x0e, 0x10, 0x17, 0x1d, 0x1f, 0x1f20, 0x1f21: isLong ? 8 : 4
        default: nil
        }
    }
}

extension ObjectCursor {
    /// Reads a value; a block is skipped, and a form that is not known ends the reading.
    mutating func value(_ form: UInt64, constant: Int64 = 0, isLong: Bool) -> DebugValue {
        if let count = DebugShape.byteCount(of: form, isLong: isLong) {
            if form == 0x21 { return DebugValue(form: form, bits: UInt64(bitPattern: constant)) }
            if form == 0x19 { return DebugValue(form: form, bits: 1) }
            if count <= 8 { return DebugValue(form: form, bits: bytes(count)) }
            skip(UInt64(count))
            return DebugValue(form: form, bits: 0)
        }
        switch form {
        case 0x08:
            let start = place
            skipText()
            return DebugValue(form: form, bits: UInt64(start))
        case 0x0d: return DebugValue(form: form, bits: UInt64(bitPattern: signed()))
        case 0x0f, 0x15, 0x1a, 0x1b, 0x22, 0x23:
            return DebugValue(form: form, bits: unsigned())
        case 0x0a: skip(UInt64(byte()))
        case 0x03: skip(UInt64(read(UInt16.self)))
        case 0x04: skip(UInt64(read(UInt32.self)))
        case 0x09, 0x18: skip(unsigned())
        case 0x16:
            // A form that stands in the entry; one inside another is no valid file.
            let inner = unsigned()
            if inner != 0x16 { return value(inner, isLong: isLong) }
            place = end
        default: place = end
        }
        return DebugValue(form: form, bits: 0)
    }

    /// Goes to the entry after one of this shape.
    @inline(__always)
    mutating func skip(_ shape: DebugShape, isLong: Bool) {
        if let count = shape.byteCount {
            skip(UInt64(count))
        } else {
            for part in shape.parts { _ = value(part.form, isLong: isLong) }
        }
    }
}
