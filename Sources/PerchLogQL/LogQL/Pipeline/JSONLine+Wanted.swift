/// Reading of the fields of a line that are wanted, without a text for any other.
extension JSONLine {
    /// Adds the wanted fields of an object, whose own name is `name`.
    mutating func object(
        _ wanted: WantedLabels, _ name: inout [UInt8], depth: Int,
        _ result: inout [(name: String, value: String)]
    ) throws(Failure) {
        guard depth < Limits.jsonDepthMax else { throw failure("an end: it is too deep") }
        place += 1
        skipBlank()
        if peek() == UInt8(ascii: "}") {
            place += 1
            return
        }
        let outerCount = name.count
        while true {
            skipBlank()
            guard peek() == UInt8(ascii: "\"") else { throw failure("a key") }
            try key(&name)
            skipBlank()
            guard peek() == UInt8(ascii: ":") else { throw failure("a colon") }
            place += 1
            skipBlank()
            switch peek() {
            case UInt8(ascii: "{"): try object(wanted, &name, depth: depth + 1, &result)
            case UInt8(ascii: "["), UInt8(ascii: "n"): try skipValue()
            default:
                if wanted.has(name) {
                    result.append((String(decoding: name, as: UTF8.self), try scalar()))
                } else {
                    try skipScalar()
                }
            }
            name.removeSubrange(outerCount...)
            skipBlank()
            switch peek() {
            case UInt8(ascii: ","): place += 1
            case UInt8(ascii: "}"):
                place += 1
                return
            default: throw failure("closing '}' symbol")
            }
        }
    }

    /// Adds a key to the name of what it stands in, as ``LabelCatalog/label(_:)`` would.
    private mutating func key(_ name: inout [UInt8]) throws(Failure) {
        let isOutermost = name.isEmpty
        if !isOutermost { name.append(UInt8(ascii: "_")) }
        let (start, count) = (place, name.count)
        place += 1
        while let byte = peek(), byte < 0x80, byte != UInt8(ascii: "\""), byte != 0x5c {
            name.append(Self.letter(byte))
            place += 1
        }
        if peek() == UInt8(ascii: "\"") {
            place += 1
        } else {
            place = start
            name.removeSubrange(count...)
            for scalar in try string().unicodeScalars {
                name.append(Self.letter(UInt8(ascii: scalar.isASCII ? scalar : "_")))
            }
        }
        if isOutermost, name.first?.isLogQLDigit ?? true {
            name.insert(UInt8(ascii: "_"), at: 0)
        }
    }

    private static func letter(_ byte: UInt8) -> UInt8 {
        byte.isLogQLLetter || byte.isLogQLDigit ? byte : UInt8(ascii: "_")
    }

    /// Passes over a value that is no object and no list.
    mutating func skipScalar() throws(Failure) {
        let start = place
        if peek() == UInt8(ascii: "\"") {
            place += 1
            while let byte = peek(), byte != UInt8(ascii: "\""), byte != 0x5c { place += 1 }
            if peek() == UInt8(ascii: "\"") {
                place += 1
                return
            }
            place = start
            _ = try string()
            return
        }
        // Fast path: a number of digits alone.
        while let byte = peek(), byte.isLogQLDigit { place += 1 }
        if place > start, let byte = peek(),
            byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
        {
            return
        }
        place = start
        _ = try scalar()
    }
}
