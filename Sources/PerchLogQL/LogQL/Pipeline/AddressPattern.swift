import PerchModel

/// A range of IP addresses: one address, `10.0.0.0/8`, or `10.0.0.1-10.0.0.9`.
struct AddressPattern: Sendable, Hashable {
    /// An address as a number, and whether it is one of version 6.
    struct Address: Sendable, Hashable {
        var value: UInt128
        var isSix: Bool
    }

    private let isSix: Bool
    private let range: ClosedRange<UInt128>

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        if let dash = bytes.firstIndex(of: UInt8(ascii: "-")) {
            guard let low = Self.address(bytes[..<dash]),
                let high = Self.address(bytes[(dash + 1)...]), low.isSix == high.isSix,
                low.value <= high.value
            else { return nil }
            isSix = low.isSix
            range = low.value...high.value
        } else if let slash = bytes.firstIndex(of: UInt8(ascii: "/")) {
            let width = String(decoding: bytes[(slash + 1)...], as: UTF8.self)
            guard let address = Self.address(bytes[..<slash]), let count = UInt8(width),
                count <= (address.isSix ? 128 : 32)
            else { return nil }
            let all = address.isSix ? UInt128.max : UInt128(UInt32.max)
            let free = (address.isSix ? 128 : 32) - Int(count)
            let hostBits = free >= 128 ? UInt128.max : (UInt128(1) << UInt128(free)) &- 1
            isSix = address.isSix
            range = (address.value & (all & ~hostBits))...(address.value | hostBits)
        } else {
            guard let address = Self.address(bytes[...]) else { return nil }
            isSix = address.isSix
            range = address.value...address.value
        }
    }

    private func holds(_ address: Address) -> Bool {
        address.isSix == isSix && range.contains(address.value)
    }

    /// Whether the text is an address of the range.
    func matches(_ text: Span<UInt8>) -> Bool {
        guard text.count <= 45 else { return false }
        return Self.address(Array(text)[...]).map(holds) ?? false
    }

    /// Whether an address of the range stands anywhere in a line.
    func isContained(in line: Span<UInt8>) -> Bool {
        var place = 0
        while place < line.count {
            guard Self.isPart(line[place]) else {
                place += 1
                continue
            }
            let start = place
            while place < line.count, Self.isPart(line[place]) { place += 1 }
            if place - start >= 2, place - start <= 60, holdsOne(line.extracting(start..<place)) {
                return true
            }
        }
        return false
    }

    /// Looks at a run of characters that addresses are made of: an address, perhaps with a port
    /// behind it or a dot or colon at its ends.
    private func holdsOne(_ run: Span<UInt8>) -> Bool {
        var bytes = Array(run)[...]
        while let last = bytes.last, last == UInt8(ascii: ".") { bytes = bytes.dropLast() }
        while let first = bytes.first, first == UInt8(ascii: ".") { bytes = bytes.dropFirst() }
        if let address = Self.address(bytes) { return holds(address) }
        if bytes.contains(UInt8(ascii: ".")) {
            // A port behind it, or a name before it, stands apart by a colon.
            for part in bytes.split(separator: UInt8(ascii: ":")) {
                if let address = Self.address(part), holds(address) { return true }
            }
            return false
        }
        while bytes.count > 2, bytes.last == UInt8(ascii: ":"), bytes.dropLast().last != bytes.last
        {
            bytes = bytes.dropLast()
        }
        return Self.address(bytes).map(holds) ?? false
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        byte.isLogQLDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
            || (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "f")
    }

    private static func address(_ text: ArraySlice<UInt8>) -> Address? {
        if text.contains(UInt8(ascii: ":")) {
            return six(text).map { Address(value: $0, isSix: true) }
        }
        return four(text).map { Address(value: UInt128($0), isSix: false) }
    }

    private static func four(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard !part.isEmpty, part.count <= 3, part.allSatisfy(\.isLogQLDigit),
                part.count == 1 || part.first != UInt8(ascii: "0")
            else { return nil }
            let number = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - 0x30) }
            guard number <= 255 else { return nil }
            value = value << 8 | number
        }
        return value
    }

    private static func six(_ text: ArraySlice<UInt8>) -> UInt128? {
        // One run of zeros may be left out: `::`.
        var halves: [ArraySlice<UInt8>] = []
        var place = text.startIndex
        while place + 1 < text.endIndex {
            if text[place] == UInt8(ascii: ":"), text[place + 1] == UInt8(ascii: ":") {
                halves = [text[..<place], text[(place + 2)...]]
                break
            }
            place += 1
        }
        guard !halves.isEmpty else {
            guard let words = words(text), words.count == 8 else { return nil }
            return value(words)
        }
        guard let head = words(halves[0]), let tail = words(halves[1]),
            head.count + tail.count < 8
        else { return nil }
        return value(
            head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func value(_ words: [UInt16]) -> UInt128 {
        words.reduce(UInt128(0)) { $0 << 16 | UInt128($1) }
    }

    private static func words(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var words: [UInt16] = []
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let address = four(part) else { return nil }
                words += [UInt16(address >> 16), UInt16(truncatingIfNeeded: address)]
                continue
            }
            guard !part.isEmpty, part.count <= 4,
                part.allSatisfy({ $0.isLogQLDigit || isPart($0) && $0 > 0x40 }),
                let word = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
            else { return nil }
            words.append(word)
        }
        return words
    }
}
