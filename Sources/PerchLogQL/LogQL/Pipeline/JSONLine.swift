/// Reads the JSON of one line into labels (RFC 8259).
struct JSONLine {
    /// Why a line is no JSON.
    struct Failure: Error {
        var message: String
    }

    let bytes: [UInt8]
    var place = 0

    init(_ line: [UInt8]) {
        bytes = line
    }

    func failure(_ expected: String) -> Failure {
        Failure(message: "Value looks like object, but can't find \(expected) at byte \(place)")
    }

    mutating func skipBlank() {
        while place < bytes.count, bytes[place] == 0x20 || (9...13).contains(bytes[place]) {
            place += 1
        }
    }

    func peek() -> UInt8? { place < bytes.count ? bytes[place] : nil }

    // MARK: All fields

    /// Every value that is no list, under the names of what it stands in, joined by underscores.
    ///
    /// Only those that are wanted, where that is said; the rest is read all the same.
    mutating func flattened(
        _ wanted: WantedLabels? = nil
    ) throws(Failure) -> [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        skipBlank()
        guard peek() == UInt8(ascii: "{") else {
            throw Failure(message: "expecting json object, but it is not")
        }
        if let wanted {
            var name: [UInt8] = []
            try object(wanted, &name, depth: 0, &result)
            return result
        }
        try object(prefix: "", depth: 0) { name, value in
            if result.count < Limits.labelsOfLineMax { result.append((name, value)) }
        }
        return result
    }

    private mutating func object(
        prefix: String, depth: Int, _ body: (String, String) -> Void
    ) throws(Failure) {
        guard depth < Limits.jsonDepthMax else { throw failure("an end: it is too deep") }
        try members { (reader, key) throws(Failure) in
            let name = LabelCatalog.label(prefix.isEmpty ? key : prefix + "_" + key)
            switch reader.peek() {
            case UInt8(ascii: "{"): try reader.object(prefix: name, depth: depth + 1, body)
            case UInt8(ascii: "["): try reader.skipValue()
            case UInt8(ascii: "n"): try reader.skipValue()
            default: body(name, try reader.scalar())
            }
        }
    }

    /// Gives each key of an object, with the reader at its value, which must be read.
    private mutating func members(
        _ body: (inout JSONLine, String) throws(Failure) -> Void
    ) throws(Failure) {
        place += 1
        skipBlank()
        if peek() == UInt8(ascii: "}") {
            place += 1
            return
        }
        while true {
            skipBlank()
            guard peek() == UInt8(ascii: "\"") else { throw failure("a key") }
            let key = try string()
            skipBlank()
            guard peek() == UInt8(ascii: ":") else { throw failure("a colon") }
            place += 1
            skipBlank()
            try body(&self, key)
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

    /// The members of the object that are strings.
    mutating func strings() throws(Failure) -> [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        skipBlank()
        guard peek() == UInt8(ascii: "{") else {
            throw Failure(message: "expecting json object, but it is not")
        }
        try members { (reader, key) throws(Failure) in
            guard reader.peek() == UInt8(ascii: "\"") else {
                try reader.skipValue()
                return
            }
            let value = try reader.string()
            if result.count < Limits.labelsOfLineMax { result.append((key, value)) }
        }
        return result
    }

    // MARK: Some values

    /// The values at some paths; those that are not there are empty.
    mutating func values(
        _ paths: [(name: String, path: JSONPath)]
    ) throws(Failure) -> [(name: String, value: String)] {
        var result: [(name: String, value: String)] = []
        skipBlank()
        let start = place
        guard peek() == UInt8(ascii: "{") || peek() == UInt8(ascii: "[") else {
            throw Failure(message: "expecting json object, but it is not")
        }
        try skipValue()
        for (name, path) in paths {
            place = start
            result.append((name, try value(path.steps[...]) ?? ""))
        }
        return result
    }

    private mutating func value(
        _ steps: ArraySlice<JSONPath.Step>
    ) throws(Failure) -> String? {
        skipBlank()
        guard let step = steps.first else { return try text() }
        var found: String?
        switch step {
        case .key(let wanted):
            guard peek() == UInt8(ascii: "{") else { return nil }
            try members { (reader, key) throws(Failure) in
                if found == nil, key.utf8.elementsEqual(wanted) {
                    let start = reader.place
                    found = try reader.value(steps.dropFirst())
                    reader.place = start
                }
                try reader.skipValue()
            }
        case .index(let wanted):
            guard peek() == UInt8(ascii: "[") else { return nil }
            var index = 0
            try elements { (reader) throws(Failure) in
                if index == wanted {
                    let start = reader.place
                    found = try reader.value(steps.dropFirst())
                    reader.place = start
                }
                index += 1
                try reader.skipValue()
            }
        }
        return found
    }

    /// A value as a label has it: strings without quotes, objects and lists as their text.
    private mutating func text() throws(Failure) -> String {
        switch peek() {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let start = place
            try skipValue()
            return String(decoding: bytes[start..<place], as: UTF8.self)
        case UInt8(ascii: "n"):
            try skipValue()
            return ""
        default: return try scalar()
        }
    }

    private mutating func elements(
        _ body: (inout JSONLine) throws(Failure) -> Void
    ) throws(Failure) {
        place += 1
        skipBlank()
        if peek() == UInt8(ascii: "]") {
            place += 1
            return
        }
        while true {
            skipBlank()
            try body(&self)
            skipBlank()
            switch peek() {
            case UInt8(ascii: ","): place += 1
            case UInt8(ascii: "]"):
                place += 1
                return
            default: throw failure("closing ']' symbol")
            }
        }
    }

    // MARK: Values

    mutating func scalar() throws(Failure) -> String {
        if peek() == UInt8(ascii: "\"") { return try string() }
        let start = place
        while let byte = peek(),
            byte.isLogQLLetter || byte.isLogQLDigit
                || [0x2b, 0x2d, 0x2e].contains(byte)
        {
            place += 1
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        guard ["true", "false", "null"].contains(text) || Double(text) != nil else {
            throw failure("a value")
        }
        return text
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
        guard let text = try? string(), place == bytes.count else { return nil }
        return text
    }

    mutating func string() throws(Failure) -> String {
        place += 1
        let start = place
        // Fast path: no escapes.
        while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != 0x5c {
            place += 1
        }
        guard place < bytes.count else { throw failure("closing quote") }
        var result = Array(bytes[start..<place])
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: result, as: UTF8.self) }
            if byte == 0x5c {
                try escape(into: &result)
            } else {
                result.append(byte)
            }
        }
        throw failure("closing quote")
    }

    private mutating func escape(into result: inout [UInt8]) throws(Failure) {
        guard let byte = peek() else { throw failure("an escape") }
        place += 1
        switch byte {
        case UInt8(ascii: "n"): result.append(0x0a)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "r"): result.append(0x0d)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0c)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
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
            result.append(contentsOf: String(Character(scalar)).utf8)
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
