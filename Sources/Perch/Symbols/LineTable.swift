/// The lines of a unit by address.
///
/// The program that makes the table is run once, and marks where it can be taken up again; a
/// look then runs it for a part alone.
/// Source: DWARF Debugging Information Format, "Line Number Information".
struct LineTable {
    /// A place in a source file.
    struct Row {
        var file: UInt64
        var line: UInt64
        var column: UInt64
    }

    /// What the program has worked out so far.
    private struct Registers {
        var address: UInt64 = 0
        var row = Row(file: 1, line: 1, column: 0)
    }

    /// A part of the program: what it says of the addresses from `start` up to `end`.
    private struct Segment {
        var start: UInt64
        var end: UInt64
        var registers: Registers
        var place: Int
    }

    private enum Step {
        case row
        case end
        case none
    }

    private let file: ObjectFile
    private let program: Range<Int>
    private let files: LineFiles
    private let instructionByteCount: UInt64
    private let lineBase: Int64
    private let lineRange: UInt64
    private let opcodeBase: UInt8
    private let lengths: [UInt8]
    private var segments: [Segment] = []

    init?(_ sections: DebugSections, _ unit: DebugUnit, offset: Int) {
        file = sections.file
        guard offset >= 0, offset < sections.lines.count else { return nil }
        var cursor = ObjectCursor(
            file, sections.lines.lowerBound + offset..<sections.lines.upperBound)
        let (count, isLong) = cursor.length()
        guard count <= UInt64(cursor.end - cursor.place) else { return nil }
        let end = cursor.place + Int(count)
        let version = cursor.read(UInt16.self)
        guard (2...5).contains(version) else { return nil }
        if version == 5 { cursor.skip(2) }
        let headCount = cursor.offset(isLong: isLong)
        guard headCount <= UInt64(max(0, end - cursor.place)) else { return nil }
        program = cursor.place + Int(headCount)..<end
        instructionByteCount = UInt64(cursor.byte())
        if version >= 4 { cursor.skip(1) }
        cursor.skip(1)
        lineBase = Int64(Int8(bitPattern: cursor.byte()))
        lineRange = UInt64(max(1, cursor.byte()))
        opcodeBase = max(1, cursor.byte())
        var lengths: [UInt8] = [0]
        for _ in 1..<max(2, opcodeBase) where opcodeBase > 1 { lengths.append(cursor.byte()) }
        self.lengths = lengths
        files = LineFiles(&cursor, version: version, isLong: isLong)
        segments = marks()
    }

    /// Runs the whole program.
    private func marks() -> [Segment] {
        var segments: [Segment] = []
        var cursor = ObjectCursor(file, program)
        var registers = Registers()
        var open: Segment?
        var rows = 0
        while !cursor.isAtEnd {
            switch step(&cursor, &registers) {
            case .none: continue
            case .row:
                rows += 1
                if open == nil || rows >= SymbolLimits.rowsPerSegment {
                    close(&open, at: registers.address, &segments)
                    open = Segment(
                        start: registers.address, end: 0, registers: registers,
                        place: cursor.place)
                    rows = 0
                }
            case .end:
                close(&open, at: registers.address, &segments)
                registers = Registers()
                rows = 0
            }
        }
        segments.sort { $0.start < $1.start }
        return segments
    }

    private func close(_ open: inout Segment?, at end: UInt64, _ segments: inout [Segment]) {
        guard var segment = open else { return }
        open = nil
        segment.end = end
        // What the linker threw away stands at the lowest addresses.
        if segment.start > 1, segment.start < end { segments.append(segment) }
    }

    /// The last row that is not after an address.
    func row(at address: UInt64) -> Row? {
        let end = segments.sortedIndex { $0.start > address }
        guard end > 0, address < segments[end - 1].end else { return nil }
        var registers = segments[end - 1].registers
        var found = registers.row
        var cursor = ObjectCursor(file, segments[end - 1].place..<program.upperBound)
        while !cursor.isAtEnd {
            switch step(&cursor, &registers) {
            case .none: continue
            case .end: return found
            case .row:
                if registers.address > address { return found }
                found = registers.row
            }
        }
        return found
    }

    /// Runs one instruction.
    private func step(_ cursor: inout ObjectCursor, _ registers: inout Registers) -> Step {
        let opcode = cursor.byte()
        if opcode >= opcodeBase {
            let adjusted = UInt64(opcode - opcodeBase)
            registers.address &+= adjusted / lineRange &* instructionByteCount
            add(lineBase &+ Int64(adjusted % lineRange), to: &registers)
            return .row
        }
        switch opcode {
        case 0: return extended(&cursor, &registers)
        case 1: return .row
        case 2: registers.address &+= cursor.unsigned() &* instructionByteCount
        case 3: add(cursor.signed(), to: &registers)
        case 4: registers.row.file = cursor.unsigned()
        case 5: registers.row.column = cursor.unsigned()
        case 8:
            registers.address &+= UInt64(255 - opcodeBase) / lineRange &* instructionByteCount
        case 9: registers.address &+= UInt64(cursor.read(UInt16.self))
        default: for _ in 0..<lengths[Int(opcode)] { _ = cursor.unsigned() }
        }
        return .none
    }

    private func extended(_ cursor: inout ObjectCursor, _ registers: inout Registers) -> Step {
        let count = cursor.unsigned()
        guard count > 0 else { return .none }
        let start = cursor.place
        let kind = cursor.byte()
        if kind == 2, count == 9 { registers.address = cursor.read(UInt64.self) }
        cursor.place = start
        cursor.skip(count)
        return kind == 1 ? .end : .none
    }

    private func add(_ lines: Int64, to registers: inout Registers) {
        registers.row.line = UInt64(bitPattern: Int64(bitPattern: registers.row.line) &+ lines)
    }

    /// The path of a file by its number.
    func path(_ number: UInt64, _ sections: DebugSections, _ unit: DebugUnit) -> String? {
        files.path(number, sections, unit)
    }
}

/// The files and folders that a table of lines names by number.
struct LineFiles {
    private struct Entry {
        var name: DebugValue
        var folder: UInt64 = 0
    }

    private let version: UInt16
    private var folders: [Entry] = []
    private var files: [Entry] = []

    init(_ cursor: inout ObjectCursor, version: UInt16, isLong: Bool) {
        self.version = version
        if version == 5 {
            folders = Self.list(&cursor, isLong: isLong)
            files = Self.list(&cursor, isLong: isLong)
            return
        }
        while let name = Self.text(&cursor) { folders.append(Entry(name: name)) }
        while let name = Self.text(&cursor) {
            files.append(Entry(name: name, folder: cursor.unsigned()))
            // When it was changed, and its length.
            _ = cursor.unsigned()
            _ = cursor.unsigned()
        }
    }

    /// Before version 5: a text, the last of which is empty.
    private static func text(_ cursor: inout ObjectCursor) -> DebugValue? {
        let start = cursor.place
        cursor.skipText()
        return cursor.place > start + 1 ? DebugValue(form: 0x08, bits: UInt64(start)) : nil
    }

    /// Version 5: what entries have, and then so many of them.
    private static func list(_ cursor: inout ObjectCursor, isLong: Bool) -> [Entry] {
        var parts: [(kind: UInt64, form: UInt64)] = []
        for _ in 0..<cursor.byte() { parts.append((cursor.unsigned(), cursor.unsigned())) }
        let count = cursor.unsigned()
        var entries: [Entry] = []
        guard !parts.isEmpty else { return [] }
        while entries.count < min(count, UInt64(SymbolLimits.entriesMax)), !cursor.isAtEnd {
            var entry = Entry(name: DebugValue(form: 0, bits: 0))
            for part in parts {
                let value = cursor.value(part.form, isLong: isLong)
                if part.kind == 1 { entry.name = value }
                if part.kind == 2 { entry.folder = value.bits }
            }
            entries.append(entry)
        }
        return entries
    }

    func path(_ number: UInt64, _ sections: DebugSections, _ unit: DebugUnit) -> String? {
        // Before version 5 files and folders count from 1; folder 0 is the unit's own.
        guard let file = Self.element(files, version == 5 ? number : number &- 1),
            let name = sections.text(file.name, unit)
        else { return nil }
        guard !name.hasPrefix("/") else { return name }
        let own = sections.text(unit.folder, unit)
        let isOwn = version < 5 && file.folder == 0
        let entry = Self.element(folders, version == 5 ? file.folder : file.folder &- 1)
        guard let folder = isOwn ? own : sections.text(entry?.name, unit) else { return name }
        guard !folder.hasPrefix("/"), let own else { return "\(folder)/\(name)" }
        return "\(own)/\(folder)/\(name)"
    }

    private static func element(_ entries: [Entry], _ index: UInt64) -> Entry? {
        index < UInt64(entries.count) ? entries[Int(index)] : nil
    }
}
