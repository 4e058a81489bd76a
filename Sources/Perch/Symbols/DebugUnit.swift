/// The debug information of what was compiled at once: a file, or a module.
struct DebugUnit {
    /// Where its first byte stands in the file; references count from there.
    let start: Int
    /// Its entries, the first of which is its own.
    let entries: Range<Int>
    let version: UInt16
    let isLong: Bool
    let shapes: Range<Int>
    /// The least and the greatest address of its code.
    var hull: (low: UInt64, high: UInt64) = (.max, 0)
    /// Where its addresses count from.
    var base: UInt64 = 0
    var ranges: DebugValue?
    /// The table of lines, from the start of its section.
    var lines: Int?
    var folder: DebugValue?
    var stringOffsets: UInt64 = 0
    var addresses: UInt64 = 0
    var rangeLists: UInt64 = 0

    /// Reads the head of a unit, and moves to the next one; nil for one without code.
    init?(_ cursor: inout ObjectCursor, shapes: Range<Int>) {
        start = cursor.place
        let (count, isLong) = cursor.length()
        self.isLong = isLong
        let end =
            count <= UInt64(cursor.end - cursor.place) ? cursor.place + Int(count) : cursor.end
        var head = ObjectCursor(cursor.file, cursor.place..<end)
        cursor.place = end
        version = head.read(UInt16.self)
        guard (2...5).contains(version) else { return nil }
        let offset: UInt64
        if version == 5 {
            // Only whole units: others have no code, or have it in other files.
            guard head.byte() == 1, head.byte() == 8 else { return nil }
            offset = head.offset(isLong: isLong)
        } else {
            offset = head.offset(isLong: isLong)
            guard head.byte() == 8 else { return nil }
        }
        guard offset < UInt64(shapes.count) else { return nil }
        self.shapes = shapes.lowerBound + Int(offset)..<shapes.upperBound
        entries = head.place..<end
    }

    func contains(hull address: UInt64) -> Bool { hull.low <= address && address < hull.high }
}

/// What an entry says, as far as it is asked for.
struct DebugEntry {
    var place: Int
    var shape: DebugShape
    var low: DebugValue?
    var high: DebugValue?
    var ranges: DebugValue?
    var name: DebugValue?
    var linkageName: DebugValue?
    var origin: DebugValue?
    var lines: DebugValue?
    var folder: DebugValue?
    var callFile: UInt64 = 0
    var callLine: UInt64 = 0
    var callColumn: UInt64 = 0
    var stringOffsets: UInt64?
    var addresses: UInt64?
    var rangeLists: UInt64?

    /// Reads the entry at a cursor, after its number.
    init(_ cursor: inout ObjectCursor, _ shape: DebugShape, isLong: Bool) {
        place = cursor.place
        self.shape = shape
        for part in shape.parts {
            let value = cursor.value(part.form, constant: part.constant, isLong: isLong)
            switch part.name {
            case DebugAttribute.name: name = value
            case DebugAttribute.linkageName, DebugAttribute.oldLinkageName: linkageName = value
            case DebugAttribute.low: low = value
            case DebugAttribute.high: high = value
            case DebugAttribute.ranges: ranges = value
            case DebugAttribute.origin, DebugAttribute.specification: origin = value
            case DebugAttribute.lines: lines = value
            case DebugAttribute.folder: folder = value
            case DebugAttribute.callFile: callFile = value.bits
            case DebugAttribute.callLine: callLine = value.bits
            case DebugAttribute.callColumn: callColumn = value.bits
            case DebugAttribute.stringOffsets: stringOffsets = value.bits
            case DebugAttribute.addresses: addresses = value.bits
            case DebugAttribute.rangeLists: rangeLists = value.bits
            default: break
            }
        }
    }
}
