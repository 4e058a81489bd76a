import PerchModel

/// Reading of single values.
extension JSONLine {
    /// Appends a value that is no object and no list: strings without their quotes.
    mutating func appendScalar(_ output: inout [UInt8]) throws(Failure) {
        if peek() == UInt8(ascii: "\"") {
            try appendString(&output)
            return
        }
        let start = place
        try skipWord()
        output.append(bytes.span.extracting(start..<place))
    }

    /// Passes over a value that is no object and no list.
    mutating func skipScalar() throws(Failure) {
        guard peek() == UInt8(ascii: "\"") else {
            try skipWord()
            return
        }
        let start = place
        place += 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != 0x5c {
            place += 1
        }
        if peek() == UInt8(ascii: "\"") {
            place += 1
            return
        }
        place = start
        var text: [UInt8] = []
        try appendString(&text)
    }

    /// Passes over a number, `true`, `false` or `null`.
    ///
    /// Of a number only its beginning is looked at, as Loki does.
    private mutating func skipWord() throws(Failure) {
        let start = place
        while let byte = peek(),
            byte.isLogQLLetter || byte.isLogQLDigit || [0x2b, 0x2d, 0x2e].contains(byte)
        {
            place += 1
        }
        guard start < place else { throw failure("a value") }
        if bytes[start].isLogQLDigit || bytes[start] == UInt8(ascii: "-") { return }
        let word = bytes[start..<place]
        for known in ["true", "false", "null"] where word.elementsEqual(known.utf8) { return }
        place = start
        throw failure("a value")
    }

    /// Passes over one value, whatever it is, without recursion.
    mutating func skipValue() throws(Failure) {
        var depth = 0
        repeat {
            skipBlank()
            guard let byte = peek() else { throw failure("a value") }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                place += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { throw failure("a value") }
                depth -= 1
                place += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { throw failure("a value") }
                place += 1
            default: try skipScalar()
            }
        } while depth > 0
    }

    /// The text of a line that is one string in quotes, or nil.
    mutating func wholeString() -> String? {
        var text: [UInt8] = []
        do {
            try appendString(&text)
        } catch {
            return nil
        }
        return place == bytes.count ? String(decoding: text, as: UTF8.self) : nil
    }

    /// Appends the text of a string in quotes.
    mutating func appendString(_ output: inout [UInt8]) throws(Failure) {
        place += 1
        while true {
            let start = place
            while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != 0x5c {
                place += 1
            }
            guard place < bytes.count else { throw failure("closing quote") }
            output.append(bytes.span.extracting(start..<place))
            place += 1
            if bytes[place - 1] == UInt8(ascii: "\"") { return }
            try escape(&output)
        }
    }

    private mutating func escape(_ output: inout [UInt8]) throws(Failure) {
        guard let byte = peek() else { throw failure("an escape") }
        place += 1
        switch byte {
        case UInt8(ascii: "n"): output.append(0x0a)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "r"): output.append(0x0d)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0c)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(byte)
        case UInt8(ascii: "u"):
            var unit = try hexadecimal()
            if (0xd800..<0xdc00).contains(unit), place + 1 < bytes.count,
                bytes[place] == 0x5c, bytes[place + 1] == UInt8(ascii: "u")
            {
                place += 2
                let low = try hexadecimal()
                if (0xdc00..<0xe000).contains(low) {
                    unit = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
                }
            }
            let scalar = Unicode.Scalar(unit) ?? "\u{FFFD}"
            output.append(contentsOf: String(Character(scalar)).utf8)
        default: throw failure("an escape")
        }
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        guard place + 4 <= bytes.count,
            bytes[place..<place + 4].allSatisfy({ $0.isLogQLDigit || $0.isLogQLLetter }),
            let value = UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
        else { throw failure("four hex digits") }
        place += 4
        return value
    }
}
