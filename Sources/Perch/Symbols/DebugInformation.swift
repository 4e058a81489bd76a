/// What the compiler wrote down of a program: functions, what was put into them, and lines.
///
/// Source: DWARF Debugging Information Format, versions 4 and 5.
final class DebugInformation {
    /// Code of a function.
    private struct Function {
        var low: UInt64
        var high: UInt64
        /// Where its entry begins, at the number of its shape.
        var place: Int
    }

    /// What was read of a unit that was asked for.
    private struct Details {
        var shapes: [DebugShape?]
        var functions: [Function]
        var lines: LineTable?
    }

    private let sections: DebugSections
    private var units: [DebugUnit] = []
    private var details: [Int: Details] = [:]

    init(_ image: ObjectImage) {
        sections = DebugSections(image)
        var cursor = ObjectCursor(image.file, sections.info)
        while !cursor.isAtEnd, units.count < SymbolLimits.entriesMax {
            guard var unit = DebugUnit(&cursor, shapes: sections.shapes) else { continue }
            complete(&unit)
            if unit.hull.low < unit.hull.high { units.append(unit) }
        }
    }

    /// Reads a unit's own entry.
    private func complete(_ unit: inout DebugUnit) {
        var cursor = ObjectCursor(sections.file, unit.entries)
        let code = cursor.unsigned()
        guard let shape = firstShape(code, unit), shape.tag == DebugTag.unit else { return }
        let entry = DebugEntry(&cursor, shape, isLong: unit.isLong)
        unit.stringOffsets = entry.stringOffsets ?? 0
        unit.addresses = entry.addresses ?? 0
        unit.rangeLists = entry.rangeLists ?? 0
        if let low = entry.low { unit.base = sections.address(low, unit) }
        unit.lines = entry.lines.map { Int(truncatingIfNeeded: $0.bits) }
        unit.folder = entry.folder
        unit.ranges = entry.ranges
        var hull: (low: UInt64, high: UInt64) = (.max, 0)
        forEachRange(of: entry, unit) { low, high in
            hull = (min(hull.low, low), max(hull.high, high))
        }
        unit.hull = hull
    }

    /// The shape of a unit's own entry, which is the first of its table as compilers write it.
    private func firstShape(_ code: UInt64, _ unit: DebugUnit) -> DebugShape? {
        var cursor = ObjectCursor(sections.file, unit.shapes)
        while !cursor.isAtEnd {
            let number = cursor.unsigned()
            guard number > 0 else { return nil }
            let shape = DebugShape(&cursor, isLong: unit.isLong)
            if number == code { return shape }
        }
        return nil
    }

    private func forEachRange(
        of entry: DebugEntry, _ unit: DebugUnit, _ body: (UInt64, UInt64) -> Void
    ) {
        sections.forEachRange(
            low: entry.low, high: entry.high, ranges: entry.ranges, unit
        ) { low, high in
            // What the linker threw away stands at the lowest or the highest addresses.
            if low > 1, low < high { body(low, high) }
        }
    }

    /// What stands at an address, the innermost call first; empty when that is not known.
    func places(at address: UInt64) -> [CodePlace] {
        for index in units.indices where units[index].contains(hull: address) {
            guard covers(units[index], address) else { continue }
            let unit = units[index]
            let details = details(of: index)
            let end = details.functions.sortedIndex { $0.low > address }
            guard end > 0, address < details.functions[end - 1].high else { continue }
            return calls(at: address, in: details.functions[end - 1].place, unit, details)
        }
        return []
    }

    private func covers(_ unit: DebugUnit, _ address: UInt64) -> Bool {
        guard let ranges = unit.ranges else { return true }
        var isFound = false
        sections.forEachRange(low: nil, high: nil, ranges: ranges, unit) { low, high in
            if low <= address, address < high { isFound = true }
        }
        return isFound
    }

    private func details(of index: Int) -> Details {
        if let known = details[index] { return known }
        let unit = units[index]
        let shapes = DebugShape.table(sections.file, unit.shapes, isLong: unit.isLong)
        let made = Details(
            shapes: shapes, functions: functions(of: unit, shapes),
            lines: unit.lines.flatMap { LineTable(sections, unit, offset: $0) })
        details[index] = made
        return made
    }

    /// All functions of a unit that have code.
    private func functions(of unit: DebugUnit, _ shapes: [DebugShape?]) -> [Function] {
        // Bytes of entries by shape; negative where an entry has to be looked at.
        let steps = shapes.map { shape in
            shape?.tag == DebugTag.function && shape?.hasCode == true ? -1 : shape?.byteCount ?? -1
        }
        var functions: [Function] = []
        var cursor = ObjectCursor(sections.file, unit.entries)
        while !cursor.isAtEnd {
            let place = cursor.place
            let code = cursor.unsigned()
            // The end of a list of children.
            if code == 0 { continue }
            guard code < UInt64(steps.count) else { break }
            let step = steps[Int(code)]
            if step >= 0 {
                cursor.place += step
                continue
            }
            guard let shape = shapes[Int(code)] else { break }
            guard shape.tag == DebugTag.function, shape.hasCode else {
                cursor.skip(shape, isLong: unit.isLong)
                continue
            }
            let entry = DebugEntry(&cursor, shape, isLong: unit.isLong)
            forEachRange(of: entry, unit) { low, high in
                functions.append(Function(low: low, high: high, place: place))
            }
        }
        functions.sort { $0.low < $1.low }
        return functions
    }

    /// The function at a place in the file, and the calls that were put into it around an address.
    private func calls(
        at address: UInt64, in place: Int, _ unit: DebugUnit, _ details: Details
    ) -> [CodePlace] {
        var cursor = ObjectCursor(sections.file, place..<unit.entries.upperBound)
        guard let function = entry(&cursor, unit, details) else { return [] }
        // The outermost first, until all are known.
        var calls = [function]
        var depth = function.shape.hasChildren ? 1 : 0
        /// The depth of an entry whose children have nothing to do with the address.
        var skipped: Int?
        while depth > 0, !cursor.isAtEnd, calls.count < SymbolLimits.inlinedMax {
            let start = cursor.place
            let code = cursor.unsigned()
            guard code > 0 else {
                depth -= 1
                if skipped == depth { skipped = nil }
                continue
            }
            guard code < UInt64(details.shapes.count), let shape = details.shapes[Int(code)] else {
                break
            }
            if skipped == nil, shape.tag == DebugTag.inlined {
                cursor.place = start
                if let call = entry(&cursor, unit, details) {
                    if contains(call, unit, address) {
                        calls.append(call)
                    } else if shape.hasChildren {
                        skipped = depth
                    }
                }
            } else {
                cursor.skip(shape, isLong: unit.isLong)
                // Functions and types inside this one have code of their own.
                if skipped == nil, shape.hasChildren, shape.tag != DebugTag.block {
                    skipped = depth
                }
            }
            if shape.hasChildren { depth += 1 }
        }
        return places(of: calls, at: address, unit, details)
    }

    private func entry(
        _ cursor: inout ObjectCursor, _ unit: DebugUnit, _ details: Details
    ) -> DebugEntry? {
        let code = cursor.unsigned()
        guard code > 0, code < UInt64(details.shapes.count), let shape = details.shapes[Int(code)]
        else { return nil }
        return DebugEntry(&cursor, shape, isLong: unit.isLong)
    }

    private func contains(_ entry: DebugEntry, _ unit: DebugUnit, _ address: UInt64) -> Bool {
        var isFound = false
        forEachRange(of: entry, unit) { low, high in
            if low <= address, address < high { isFound = true }
        }
        return isFound
    }

    /// Calls from the outermost to the innermost, as places from the innermost to the outermost.
    private func places(
        of calls: [DebugEntry], at address: UInt64, _ unit: DebugUnit, _ details: Details
    ) -> [CodePlace] {
        var places: [CodePlace] = []
        var row = details.lines?.row(at: address)
        for call in calls.reversed() {
            var place = CodePlace(name: name(of: call, unit, details))
            if let row, let lines = details.lines {
                place.file = lines.path(row.file, sections, unit)
                place.line = Int(truncatingIfNeeded: row.line)
                place.column = Int(truncatingIfNeeded: row.column)
            }
            places.append(place)
            // What is around it stands where it calls.
            row = LineTable.Row(
                file: call.callFile, line: call.callLine, column: call.callColumn)
        }
        return places
    }

    /// The name of an entry, or of the one that it refers to.
    private func name(of entry: DebugEntry, _ unit: DebugUnit, _ details: Details) -> String? {
        var entry = entry
        var (unit, details) = (unit, details)
        var plain: String?
        for _ in 0..<SymbolLimits.originsMax {
            if let name = sections.text(entry.linkageName, unit) { return name }
            plain = plain ?? sections.text(entry.name, unit)
            guard let origin = entry.origin, let place = sections.place(origin, unit) else { break }
            if !unit.entries.contains(place) {
                // Of another unit, as where modules are optimized together.
                guard let other = units.firstIndex(where: { $0.entries.contains(place) }) else {
                    break
                }
                unit = units[other]
                details = self.details(of: other)
            }
            var cursor = ObjectCursor(sections.file, place..<unit.entries.upperBound)
            guard let next = self.entry(&cursor, unit, details) else { break }
            entry = next
        }
        return plain
    }
}
