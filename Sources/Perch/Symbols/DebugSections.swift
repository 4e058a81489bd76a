/// Follows values of entries into the sections that they refer to.
struct DebugSections {
    let file: ObjectFile
    let info: Range<Int>
    let shapes: Range<Int>
    let lines: Range<Int>
    private let strings: Range<Int>
    private let lineStrings: Range<Int>
    private let stringOffsets: Range<Int>
    private let addresses: Range<Int>
    private let ranges: Range<Int>
    private let rangeLists: Range<Int>

    init(_ image: ObjectImage) {
        file = image.file
        info = image.section(".debug_info")
        shapes = image.section(".debug_abbrev")
        lines = image.section(".debug_line")
        strings = image.section(".debug_str")
        lineStrings = image.section(".debug_line_str")
        stringOffsets = image.section(".debug_str_offsets")
        addresses = image.section(".debug_addr")
        ranges = image.section(".debug_ranges")
        rangeLists = image.section(".debug_rnglists")
    }

    /// A number in a section, zero outside of it.
    private func word(_ section: Range<Int>, _ offset: UInt64, byteCount: Int) -> UInt64 {
        guard offset < UInt64(section.count), Int(offset) <= section.count - byteCount else {
            return 0
        }
        let place = section.lowerBound + Int(offset)
        return byteCount == 8
            ? file.load(UInt64.self, at: place) : UInt64(file.load(UInt32.self, at: place))
    }

    private func text(_ section: Range<Int>, _ offset: UInt64) -> String? {
        guard offset < UInt64(section.count) else { return nil }
        return file.text(at: section.lowerBound + Int(offset))
    }

    func text(_ value: DebugValue?, _ unit: DebugUnit) -> String? {
        guard let value else { return nil }
        switch value.form {
        case 0x08: return file.text(at: Int(value.bits))
        case 0x0e: return text(strings, value.bits)
        case 0x1f: return text(lineStrings, value.bits)
        case 0x1a, 0x25...0x28:
            let size = unit.isLong ? 8 : 4
            let place = unit.stringOffsets &+ value.bits &* UInt64(size)
            return text(strings, word(stringOffsets, place, byteCount: size))
        default: return nil
        }
    }

    func address(_ value: DebugValue, _ unit: DebugUnit) -> UInt64 {
        switch value.form {
        case 0x1b, 0x29...0x2c: address(index: value.bits, unit)
        default: value.bits
        }
    }

    private func address(index: UInt64, _ unit: DebugUnit) -> UInt64 {
        word(addresses, unit.addresses &+ index &* 8, byteCount: 8)
    }

    /// Where in the file the entry stands that a value refers to.
    func place(_ value: DebugValue, _ unit: DebugUnit) -> Int? {
        switch value.form {
        case 0x11...0x15:
            guard value.bits < UInt64(unit.entries.upperBound - unit.start) else { return nil }
            return unit.start + Int(value.bits)
        case 0x10:
            return value.bits < UInt64(info.count) ? info.lowerBound + Int(value.bits) : nil
        default: return nil
        }
    }

    /// Calls `body` for each range of code that an entry names.
    func forEachRange(
        low: DebugValue?, high: DebugValue?, ranges: DebugValue?, _ unit: DebugUnit,
        _ body: (UInt64, UInt64) -> Void
    ) {
        if let ranges {
            if unit.version == 5 {
                forEachListed(ranges, unit, body)
            } else {
                forEachPair(ranges.bits, unit, body)
            }
        } else if let low, let high {
            let start = address(low, unit)
            let isAddress =
                high.form == 0x01 || high.form == 0x1b || (0x29...0x2c).contains(high.form)
            body(start, isAddress ? address(high, unit) : start &+ high.bits)
        }
    }

    /// Version 4 and before: pairs of addresses that count from a base.
    private func forEachPair(
        _ offset: UInt64, _ unit: DebugUnit, _ body: (UInt64, UInt64) -> Void
    ) {
        guard offset < UInt64(ranges.count) else { return }
        var cursor = ObjectCursor(file, ranges.lowerBound + Int(offset)..<ranges.upperBound)
        var base = unit.base
        while !cursor.isAtEnd {
            let low = cursor.read(UInt64.self)
            let high = cursor.read(UInt64.self)
            if low == 0, high == 0 { return }
            if low == .max {
                base = high
            } else if low < high {
                body(base &+ low, base &+ high)
            }
        }
    }

    /// Version 5: entries of several kinds.
    private func forEachListed(
        _ value: DebugValue, _ unit: DebugUnit, _ body: (UInt64, UInt64) -> Void
    ) {
        var offset = value.bits
        if value.form == 0x23 {
            let size = unit.isLong ? 8 : 4
            let place = unit.rangeLists &+ value.bits &* UInt64(size)
            offset = unit.rangeLists &+ word(rangeLists, place, byteCount: size)
        }
        guard offset < UInt64(rangeLists.count) else { return }
        var cursor = ObjectCursor(
            file, rangeLists.lowerBound + Int(offset)..<rangeLists.upperBound)
        var base = unit.base
        while !cursor.isAtEnd {
            let low: UInt64
            let high: UInt64
            switch cursor.byte() {
            case 1:
                base = address(index: cursor.unsigned(), unit)
                continue
            case 2:
                low = address(index: cursor.unsigned(), unit)
                high = address(index: cursor.unsigned(), unit)
            case 3:
                low = address(index: cursor.unsigned(), unit)
                high = low &+ cursor.unsigned()
            case 4:
                low = base &+ cursor.unsigned()
                high = base &+ cursor.unsigned()
            case 5:
                base = cursor.read(UInt64.self)
                continue
            case 6:
                low = cursor.read(UInt64.self)
                high = cursor.read(UInt64.self)
            case 7:
                low = cursor.read(UInt64.self)
                high = low &+ cursor.unsigned()
            default: return
            }
            if low < high { body(low, high) }
        }
    }
}
