/// The names and values of a query or a form.
///
/// Source: WHATWG URL, "application/x-www-form-urlencoded parsing".
package struct FormParameters: Sendable, Hashable {
    package private(set) var pairs: [Pair] = []

    /// One name with its value.
    package struct Pair: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    /// Reads `name=value&…`; parts beyond `countMax` are left out.
    package init(_ text: some Collection<UInt8>, countMax: Int = 200) {
        for part in text.split(separator: UInt8(ascii: "&"), maxSplits: countMax).prefix(countMax) {
            let sides = part.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = sides.first else { continue }
            let value = sides.count > 1 ? Self.decode(sides[1]) : ""
            pairs.append(Pair(name: Self.decode(name), value: value))
        }
    }

    /// Reads text of the same form.
    package init(_ text: String) {
        self.init(text.utf8)
    }

    /// Adds the pairs of `other` behind these.
    package mutating func append(_ other: FormParameters) {
        pairs += other.pairs
    }

    /// The first value of `name`, or nil.
    package subscript(name: String) -> String? {
        pairs.first { $0.name == name }?.value
    }

    /// All values of `name`.
    package func all(_ name: String) -> [String] {
        pairs.filter { $0.name == name }.map(\.value)
    }

    private static func decode(_ bytes: some Collection<UInt8>) -> String {
        let bytes = Array(bytes)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = Hex.value(of: bytes[index + 1]),
                let low = Hex.value(of: bytes[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
                continue
            }
            result.append(bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
            index += 1
        }
        return String(decoding: result, as: UTF8.self)
    }
}
