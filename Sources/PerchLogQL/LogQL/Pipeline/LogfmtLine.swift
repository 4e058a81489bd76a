import PerchModel

/// Reads a line of `key=value` pairs.
///
/// Source: github.com/go-logfmt, "Grammar"; values in quotes have JSON's escapes.
struct LogfmtLine {
    private enum Value {
        case none
        case plain(Range<Int>)
        /// With its quotes.
        case quoted(Range<Int>)
    }

    /// Whether nothing is read behind a mistake.
    let isStrict: Bool
    /// What is wrong with the line, if something is.
    private(set) var failure: String?
    private var place = 0

    init(isStrict: Bool) {
        self.isStrict = isStrict
    }

    /// Every value that somebody looks at.
    mutating func fields(_ line: Span<UInt8>, keepsEmpty: Bool, _ labels: inout RowLabels) {
        while let (key, value) = next(line) {
            labels.name.removeAll(keepingCapacity: true)
            labels.appendName(line.extracting(key))
            labels.finishName()
            guard let number = labels.numberOfName() else { continue }
            let start = labels.bytes.count
            Self.append(line, value, &labels.bytes)
            if keepsEmpty || labels.bytes.count > start { labels.add(number, from: start) }
        }
    }

    /// The values of some keys, as they are written; the last of a key counts.
    mutating func values(
        _ line: Span<UInt8>, _ keys: [(key: [UInt8], number: UInt32)], _ labels: inout RowLabels
    ) {
        while let (range, value) = next(line) {
            let found = line.extracting(range)
            for (key, number) in keys
            where key.count == found.count && key.indices.allSatisfy({ key[$0] == found[$0] }) {
                let start = labels.bytes.count
                Self.append(line, value, &labels.bytes)
                labels.add(number, from: start)
            }
        }
    }

    /// The next pair that can be read.
    private mutating func next(_ line: Span<UInt8>) -> (key: Range<Int>, value: Value)? {
        while place < line.count {
            while place < line.count, line[place] <= 0x20 { place += 1 }
            guard place < line.count else { return nil }
            let start = place
            while place < line.count, Self.isKey(line[place]) { place += 1 }
            guard place > start else {
                let sign = Character(Unicode.Scalar(line[place]))
                guard goOn(line, "unexpected '\(sign)'") else { return nil }
                continue
            }
            let key = start..<place
            guard place < line.count, line[place] == UInt8(ascii: "=") else {
                if place >= line.count || line[place] <= 0x20 { return (key, .none) }
                guard goOn(line, "unexpected '\"'") else { return nil }
                continue
            }
            place += 1
            guard place < line.count, line[place] == UInt8(ascii: "\"") else {
                let begin = place
                while place < line.count, line[place] > 0x20, line[place] != UInt8(ascii: "\"") {
                    place += 1
                }
                if place < line.count, line[place] == UInt8(ascii: "\"") {
                    guard goOn(line, "unexpected '\"'") else { return nil }
                    continue
                }
                return (key, .plain(begin..<place))
            }
            let begin = place
            place += 1
            while place < line.count, line[place] != UInt8(ascii: "\"") {
                place += line[place] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard place < line.count else {
                place = line.count
                failure =
                    "logfmt syntax error at pos \(line.count + 1) : unterminated quoted value"
                return nil
            }
            place += 1
            return (key, .quoted(begin..<place))
        }
        return nil
    }

    /// Notes a mistake, and passes over the word with it; false when nothing is read behind it.
    private mutating func goOn(_ line: Span<UInt8>, _ what: String) -> Bool {
        failure = "logfmt syntax error at pos \(place + 1) : \(what)"
        if isStrict {
            place = line.count
            return false
        }
        while place < line.count, line[place] > 0x20 { place += 1 }
        return true
    }

    private static func isKey(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != UInt8(ascii: "=") && byte != UInt8(ascii: "\"")
    }

    private static func append(_ line: Span<UInt8>, _ value: Value, _ output: inout [UInt8]) {
        switch value {
        case .none: break
        case .plain(let range): output.append(line.extracting(range))
        case .quoted(let range):
            let inner = line.extracting(range.lowerBound + 1..<range.upperBound - 1)
            guard inner.indices.contains(where: { inner[$0] == 0x5c }) else {
                output.append(inner)
                return
            }
            var text: [UInt8] = []
            text.append(line.extracting(range))
            var reader = JSONLine(text)
            let start = output.count
            do {
                try reader.appendString(&output)
            } catch {
                // No escapes of JSON: as it is written.
                output.removeSubrange(start...)
                output.append(inner)
            }
        }
    }
}
