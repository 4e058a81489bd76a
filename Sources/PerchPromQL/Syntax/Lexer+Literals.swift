extension Lexer {
    /// Moves past a quoted string; its escapes are checked when it is unquoted.
    mutating func scanString() throws(Failure) {
        let start = position
        let quote = bytes[position]
        position += 1
        while let byte = peek() {
            position += 1
            if byte == quote { return }
            if quote == UInt8(ascii: "`") { continue }
            if byte == 0x0a { break }
            if byte == UInt8(ascii: "\\") {
                guard peek() != nil else {
                    throw Failure(message: "escape sequence not terminated", start: start)
                }
                position += 1
            }
        }
        throw Failure(
            message: quote == UInt8(ascii: "`")
                ? "unterminated raw string" : "unterminated quoted string", start: start)
    }

    mutating func scanNumberOrDuration() throws(Failure) -> Token.Kind {
        let start = position
        if scanNumber() { return .number }
        if scanDurationRest() { return .duration }
        let text = String(decoding: bytes[start..<min(position, bytes.count)], as: UTF8.self)
        throw Failure(message: "bad number or duration syntax: \(GoText.quote(text))", start: start)
    }

    private mutating func accept(_ set: (UInt8) -> Bool) -> Bool {
        guard let byte = peek(), set(byte) else { return false }
        position += 1
        return true
    }

    /// Moves past a number; false, where it stopped, when it is none.
    private mutating func scanNumber() -> Bool {
        var isHexadecimal = false
        if accept({ $0 == UInt8(ascii: "0") }), accept({ $0 | 0x20 == UInt8(ascii: "x") }) {
            _ = accept { $0 == UInt8(ascii: "_") }
            isHexadecimal = true
        }
        func isDigit(_ byte: UInt8) -> Bool {
            byte.isDigit || (isHexadecimal && byte.hexadecimalValue != nil)
        }
        var hasDot = accept { $0 == UInt8(ascii: ".") }
        if hasDot, isHexadecimal { return false }
        var hasExponent = false
        while let byte = peek() {
            if isDigit(byte) {
                position += 1
            } else if byte == UInt8(ascii: ".") {
                position += 1
                guard !hasDot, !isHexadecimal else { return false }
                hasDot = true
                if accept({ $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") }) { return false }
            } else if byte | 0x20 == UInt8(ascii: "e") {
                position += 1
                guard !hasExponent else { return false }
                hasExponent = true
                _ = accept { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
                if accept(isForbiddenAfterMark) || peek() == nil { return false }
            } else if byte == UInt8(ascii: "_") {
                position += 1
                if accept(isForbiddenAfterMark) || peek() == nil { return false }
            } else {
                break
            }
        }
        guard let follower = peek() else { return true }
        return !follower.isLetter && !follower.isDigit
    }

    private func isForbiddenAfterMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte | 0x20 == UInt8(ascii: "e")
    }

    /// Moves past the units, and further numbers and units, after a number.
    private mutating func scanDurationRest() -> Bool {
        let units = Array("smhdwy".utf8)
        guard accept({ units.contains($0) }) else { return false }
        _ = accept { $0 == UInt8(ascii: "s") }
        while accept({ $0.isDigit }) {
            while accept({ $0.isDigit }) {}
            guard accept({ units.dropLast().contains($0) }) else { return false }
            _ = accept { $0 == UInt8(ascii: "s") }
        }
        guard let follower = peek() else { return true }
        if follower.isLetter || follower.isDigit {
            position += 1
            return false
        }
        return true
    }
}

extension UInt8 {
    /// The value of a hexadecimal digit.
    var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
