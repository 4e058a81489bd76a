import CPerchCrash

/// A program or library as it stands on disk, mapped: only pages that are looked at cost memory.
///
/// A read outside of the file gives zeros, so that a damaged file gives wrong names and no fault.
@safe
final class ObjectFile {
    private let base: UnsafeRawPointer
    /// Bytes of the file.
    let count: Int

    /// Nil when there is no such file.
    init?(path: String) {
        var size = 0
        // Safe: the string and the count live for the call.
        guard let base = unsafe cperchcrash_map(path, &size) else { return nil }
        unsafe self.base = base
        count = size
    }

    deinit {
        // Safe: the mapping of `init`, which nobody has after this.
        unsafe cperchcrash_unmap(base, count)
    }

    /// A number in the machine's order of bytes, which is little-endian.
    @inline(__always)
    func load<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at place: Int)
        -> Value
    {
        guard place >= 0, place <= count - MemoryLayout<Value>.size else { return 0 }
        // Safe: the value lies within the mapping, by the line above.
        return unsafe base.loadUnaligned(fromByteOffset: place, as: type)
    }

    /// A text that ends with a zero.
    func text(at place: Int) -> String {
        var bytes: [UInt8] = []
        var next = place
        while bytes.count < SymbolLimits.textByteCountMax {
            let byte = load(UInt8.self, at: next)
            if byte == 0 { break }
            bytes.append(byte)
            next += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a text that ends with a zero stands at a place.
    func stands(_ text: StaticString, at place: Int) -> Bool {
        var next = place
        for byte in text.description.utf8 {
            guard load(UInt8.self, at: next) == byte else { return false }
            next += 1
        }
        return load(UInt8.self, at: next) == 0
    }
}

/// Reads a part of a file from its start to its end; at the end it reads zeros.
struct ObjectCursor {
    let file: ObjectFile
    /// Where the next read begins.
    var place: Int
    let end: Int

    init(_ file: ObjectFile, _ range: Range<Int>) {
        self.file = file
        place = range.lowerBound
        end = range.upperBound
    }

    @inline(__always)
    var isAtEnd: Bool { place >= end }

    @inline(__always)
    mutating func read<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> Value {
        guard place <= end - MemoryLayout<Value>.size else {
            place = end
            return 0
        }
        defer { place += MemoryLayout<Value>.size }
        return file.load(type, at: place)
    }

    @inline(__always)
    mutating func byte() -> UInt8 { read(UInt8.self) }

    /// An unsigned number in groups of 7 bits (LEB128).
    @inline(__always)
    mutating func unsigned() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = byte()
            if shift < 64 { value |= UInt64(byte & 0x7f) << shift }
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// A signed number in groups of 7 bits (LEB128).
    mutating func signed() -> Int64 {
        var value: Int64 = 0
        var shift: Int64 = 0
        while true {
            let byte = byte()
            if shift < 64 { value |= Int64(byte & 0x7f) << shift }
            shift += 7
            guard byte < 0x80 else { continue }
            if shift < 64, byte & 0x40 != 0 { value |= -1 << shift }
            return value
        }
    }

    mutating func skip(_ count: UInt64) {
        place = count < UInt64(max(0, end - place)) ? place + Int(count) : end
    }

    mutating func skipText() {
        while byte() != 0 {}
    }

    /// A number of 4 bytes, or 8 in the long form of debug information.
    mutating func offset(isLong: Bool) -> UInt64 {
        isLong ? read(UInt64.self) : UInt64(read(UInt32.self))
    }

    /// Up to 8 bytes as a number.
    mutating func bytes(_ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(byte()) << UInt64(8 * index) }
        return value
    }

    /// A length, which also tells the form.
    mutating func length() -> (count: UInt64, isLong: Bool) {
        let short = read(UInt32.self)
        return short == .max ? (read(UInt64.self), true) : (UInt64(short), false)
    }
}
