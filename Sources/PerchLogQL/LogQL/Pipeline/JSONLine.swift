import PerchModel

/// Reads the JSON of one line into labels (RFC 8259).
struct JSONLine {
    /// Why a line is no JSON.
    struct Failure: Error {
        var message: String

        static let noObject = Failure(message: "expecting json object, but it is not")
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

    /// Passes over a byte behind blanks, if it is this one.
    mutating func take(_ byte: UInt8) -> Bool {
        skipBlank()
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    // MARK: All fields

    /// Every value that is no list, under the names of what it stands in, joined by underscores;
    /// values under names that nobody looks at are passed over.
    mutating func fields(_ labels: inout RowLabels) throws(Failure) {
        skipBlank()
        guard peek() == UInt8(ascii: "{") else { throw .noObject }
        labels.name.removeAll(keepingCapacity: true)
        try object(&labels, depth: 0)
    }

    private mutating func object(_ labels: inout RowLabels, depth: Int) throws(Failure) {
        guard depth < Limits.jsonDepthMax else { throw failure("an end: it is too deep") }
        place += 1
        if take(UInt8(ascii: "}")) { return }
        let outerCount = labels.name.count
        while true {
            try beginMember(&labels)
            switch peek() {
            case UInt8(ascii: "{"): try object(&labels, depth: depth + 1)
            case UInt8(ascii: "["), UInt8(ascii: "n"): try skipValue()
            default:
                guard let number = labels.numberOfName() else {
                    try skipScalar()
                    break
                }
                let start = labels.bytes.count
                try appendScalar(&labels.bytes)
                labels.add(number, from: start)
            }
            labels.name.removeLast(labels.name.count - outerCount)
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw failure("closing '}' symbol") }
            return
        }
    }

    /// Adds a key to the name of what it stands in, and goes to its value.
    private mutating func beginMember(_ labels: inout RowLabels) throws(Failure) {
        skipBlank()
        guard peek() == UInt8(ascii: "\"") else { throw failure("a key") }
        let isOutermost = labels.name.isEmpty
        if !isOutermost { labels.name.append(UInt8(ascii: "_")) }
        let start = place
        place += 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != 0x5c {
            place += 1
        }
        if peek() == UInt8(ascii: "\"") {
            labels.appendName(bytes.span.extracting(start + 1..<place))
            place += 1
        } else {
            place = start
            var key: [UInt8] = []
            try appendString(&key)
            labels.appendName(key.span)
        }
        if isOutermost { labels.finishName() }
        guard take(UInt8(ascii: ":")) else { throw failure("a colon") }
        skipBlank()
    }

    /// The members of the object that are strings; answers where `_entry` stands among the values.
    mutating func strings(_ labels: inout RowLabels) throws(Failure) -> Range<Int>? {
        skipBlank()
        guard peek() == UInt8(ascii: "{") else { throw .noObject }
        place += 1
        var entry: Range<Int>?
        if take(UInt8(ascii: "}")) { return nil }
        let entryName = Array("_entry".utf8)
        while true {
            labels.name.removeAll(keepingCapacity: true)
            try beginMember(&labels)
            if peek() != UInt8(ascii: "\"") {
                try skipValue()
            } else if labels.name == entryName {
                let start = labels.bytes.count
                try appendString(&labels.bytes)
                entry = start..<labels.bytes.count
            } else if let number = labels.numberOfName() {
                let start = labels.bytes.count
                try appendString(&labels.bytes)
                labels.add(number, from: start)
            } else {
                try skipScalar()
            }
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw failure("closing '}' symbol") }
            return entry
        }
    }

    // MARK: Some values

    /// The values at some paths; those that are not there are empty.
    mutating func values(
        _ paths: [(number: UInt32?, path: JSONPath)], _ labels: inout RowLabels
    ) throws(Failure) {
        skipBlank()
        let first = place
        guard peek() == UInt8(ascii: "{") || peek() == UInt8(ascii: "[") else { throw .noObject }
        try skipValue()
        for (number, path) in paths {
            place = first
            let start = labels.bytes.count
            _ = try appendValue(path.steps[...], &labels.bytes)
            if let number { labels.add(number, from: start) }
        }
    }

    /// Appends the value at a path; false when there is none.
    private mutating func appendValue(
        _ steps: ArraySlice<JSONPath.Step>, _ output: inout [UInt8]
    ) throws(Failure) -> Bool {
        skipBlank()
        guard let step = steps.first else {
            try appendText(&output)
            return true
        }
        switch step {
        case .key(let wanted):
            guard peek() == UInt8(ascii: "{") else { return false }
            place += 1
            if take(UInt8(ascii: "}")) { return false }
            while true {
                let isWanted = try readKey(isEqual: wanted)
                let start = place
                if isWanted, try appendValue(steps.dropFirst(), &output) { return true }
                place = start
                try skipValue()
                if take(UInt8(ascii: ",")) { continue }
                guard take(UInt8(ascii: "}")) else { throw failure("closing '}' symbol") }
                return false
            }
        case .index(let wanted):
            guard peek() == UInt8(ascii: "[") else { return false }
            place += 1
            if take(UInt8(ascii: "]")) { return false }
            var index = 0
            while true {
                skipBlank()
                if index == wanted { return try appendValue(steps.dropFirst(), &output) }
                index += 1
                try skipValue()
                if take(UInt8(ascii: ",")) { continue }
                guard take(UInt8(ascii: "]")) else { throw failure("closing ']' symbol") }
                return false
            }
        }
    }

    /// Goes from a key to its value; whether the key is this one.
    private mutating func readKey(isEqual wanted: [UInt8]) throws(Failure) -> Bool {
        skipBlank()
        guard peek() == UInt8(ascii: "\"") else { throw failure("a key") }
        let start = place + 1
        try skipScalar()
        var isEqual = bytes[start..<place - 1].elementsEqual(wanted)
        if !isEqual, bytes[start..<place - 1].contains(0x5c) {
            let end = place
            place = start - 1
            var key: [UInt8] = []
            try appendString(&key)
            isEqual = key == wanted
            place = end
        }
        guard take(UInt8(ascii: ":")) else { throw failure("a colon") }
        skipBlank()
        return isEqual
    }

    /// A value as a label has it: strings without quotes, objects and lists as their text.
    private mutating func appendText(_ output: inout [UInt8]) throws(Failure) {
        switch peek() {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let start = place
            try skipValue()
            output.append(bytes.span.extracting(start..<place))
        case UInt8(ascii: "n"): try skipValue()
        default: try appendScalar(&output)
        }
    }
}
