import PerchModel

/// The names and values of a query or a form.
package struct Parameters: Sendable, Hashable {
    package private(set) var pairs: [Pair] = []

    /// One name with its value.
    package struct Pair: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    /// Reads `application/x-www-form-urlencoded` text.
    ///
    /// Parts beyond 200 are left out: no form of ours has so many.
    package init(_ text: String) {
        for part in text.utf8.split(separator: UInt8(ascii: "&"), maxSplits: 200).prefix(200) {
            let sides = part.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = sides.first else { continue }
            let value = sides.count > 1 ? Self.decode(sides[1]) : ""
            pairs.append(Pair(name: Self.decode(name), value: value))
        }
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
