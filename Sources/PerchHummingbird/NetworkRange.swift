/// The bits of an address of version 4 or 6.
struct NetworkAddress: Hashable {
    let bytes: [UInt8]

    /// Nil for a text that is no address; one of version 4 in the form of version 6 counts as 4.
    init?(_ text: some StringProtocol) {
        guard let bytes = text.contains(":") ? Self.six(text) : Self.four(text) else { return nil }
        let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xff, 0xff]
        self.bytes = bytes.starts(with: mapped) ? Array(bytes.dropFirst(12)) : bytes
    }

    private static func four(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part in
            part.utf8.count <= 3 && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
                ? UInt8(part) : nil
        }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// Eight groups, where `::` stands for as many zeros as are missing.
    private static func six(_ text: some StringProtocol) -> [UInt8]? {
        let plain = text.prefix { $0 != "%" }
        guard let gap = plain.firstRange(of: "::") else {
            let bytes = groups(plain)
            return bytes?.count == 16 ? bytes : nil
        }
        guard let head = groups(plain[..<gap.lowerBound]),
            let tail = groups(plain[gap.upperBound...]), head.count + tail.count <= 14
        else { return nil }
        return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func groups(_ text: some StringProtocol) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard let last = four(part) else { return nil }
                bytes += last
            } else {
                guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
            }
        }
        return bytes
    }
}

/// Addresses that begin with the same bits: `10.0.0.0/8`, `fd00::/8`, or a single one.
struct NetworkRange {
    private let first: NetworkAddress
    private let bitCount: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = NetworkAddress(parts[0]) else { return nil }
        let all = first.bytes.count * 8
        guard let count = parts.count == 2 ? Int(parts[1]) : all, (0...all).contains(count) else {
            return nil
        }
        self.first = first
        bitCount = count
    }

    func contains(_ address: NetworkAddress) -> Bool {
        guard address.bytes.count == first.bytes.count else { return false }
        for bit in 0..<bitCount {
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            if (address.bytes[bit / 8] ^ first.bytes[bit / 8]) & mask != 0 { return false }
        }
        return true
    }
}
