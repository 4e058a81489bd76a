/// A program or library: its sections, its symbols, and its debug information, each read when it
/// is first asked for.
///
/// Source: System V Application Binary Interface, "Object Files"; 64 bits, little-endian.
final class ObjectImage {
    let file: ObjectFile
    private let sections: [String: Range<Int>]
    /// The address that the file's first part was linked for.
    private let firstAddress: UInt64
    private lazy var symbols = SymbolTable(self)
    private lazy var debug = DebugInformation(self)

    /// Nil when there is no such file, or none of this kind.
    init?(path: String) {
        guard let file = ObjectFile(path: path), file.load(UInt32.self, at: 0) == 0x464c_457f,
            // 64 bits, little-endian.
            file.load(UInt8.self, at: 4) == 2, file.load(UInt8.self, at: 5) == 1
        else { return nil }
        self.file = file
        sections = Self.sections(of: file)
        firstAddress = Self.firstAddress(of: file)
    }

    /// The bytes of a section; empty when there is none.
    func section(_ name: String) -> Range<Int> { sections[name] ?? 0..<0 }

    /// What stands at an address, counted from the first byte of the loaded image: the innermost
    /// call first, the function that it was put into last.
    func places(at offset: UInt64) -> [CodePlace] {
        let address = firstAddress &+ offset
        let places = debug.places(at: address)
        guard places.isEmpty else { return places }
        return symbols.name(at: address).map { [CodePlace(name: $0)] } ?? []
    }

    private static func sections(of file: ObjectFile) -> [String: Range<Int>] {
        let start = Int(truncatingIfNeeded: file.load(UInt64.self, at: 0x28))
        let size = Int(file.load(UInt16.self, at: 0x3a))
        let count = Int(file.load(UInt16.self, at: 0x3c))
        let names = Int(file.load(UInt16.self, at: 0x3e))
        guard start > 0, start < file.count, size >= 64 else { return [:] }
        let nameStart = range(file, start + names * size).lowerBound
        var sections: [String: Range<Int>] = [:]
        for index in 0..<count {
            let header = start + index * size
            let isEmpty = file.load(UInt32.self, at: header + 4) == 8
            let isCompressed = file.load(UInt64.self, at: header + 8) & 0x800 != 0
            guard !isEmpty, !isCompressed else { continue }
            let name = file.text(at: nameStart + Int(file.load(UInt32.self, at: header)))
            sections[name] = range(file, header)
        }
        return sections
    }

    private static func range(_ file: ObjectFile, _ header: Int) -> Range<Int> {
        let start = file.load(UInt64.self, at: header + 24)
        let count = file.load(UInt64.self, at: header + 32)
        let (end, overflow) = start.addingReportingOverflow(count)
        guard !overflow, end <= UInt64(file.count) else { return 0..<0 }
        return Int(start)..<Int(end)
    }

    private static func firstAddress(of file: ObjectFile) -> UInt64 {
        let start = Int(truncatingIfNeeded: file.load(UInt64.self, at: 0x20))
        let size = Int(file.load(UInt16.self, at: 0x36))
        guard start > 0, start < file.count else { return 0 }
        var first = UInt64.max
        for index in 0..<Int(file.load(UInt16.self, at: 0x38)) {
            let header = start + index * size
            guard file.load(UInt32.self, at: header) == 1 else { continue }
            first = min(first, file.load(UInt64.self, at: header + 16) & ~0xfff)
        }
        return first == .max ? 0 : first
    }
}

/// A call, as far as it is known.
struct CodePlace: Hashable {
    /// The function, as the linker knows it.
    var name: String?
    var file: String?
    var line: Int?
    var column: Int?
}

/// The functions of a program or library by their address.
struct SymbolTable {
    private struct Entry {
        var start: UInt64
        var place: Int
    }

    private let file: ObjectFile
    private let names: Range<Int>
    private var entries: [Entry] = []

    init(_ image: ObjectImage) {
        file = image.file
        let isWhole = !image.section(".symtab").isEmpty
        let table = image.section(isWhole ? ".symtab" : ".dynsym")
        names = image.section(isWhole ? ".strtab" : ".dynstr")
        entries.reserveCapacity(table.count / 24)
        for place in stride(from: table.lowerBound, to: table.upperBound, by: 24) {
            // A function that is defined here.
            guard file.load(UInt8.self, at: place + 4) & 15 == 2,
                file.load(UInt16.self, at: place + 6) != 0
            else { continue }
            entries.append(Entry(start: file.load(UInt64.self, at: place + 8), place: place))
        }
        entries.sort { $0.start < $1.start }
    }

    func name(at address: UInt64) -> String? {
        let end = entries.sortedIndex { $0.start > address }
        guard end > 0 else { return nil }
        let entry = entries[end - 1]
        let size = file.load(UInt64.self, at: entry.place + 16)
        guard size == 0 || address - entry.start < size else { return nil }
        let text = file.text(at: names.lowerBound + Int(file.load(UInt32.self, at: entry.place)))
        return text.isEmpty ? nil : text
    }
}

extension Array {
    /// The index of the first element that comes after, in an array that is sorted by it.
    func sortedIndex(_ isAfter: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = low + (high - low) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
