/// What a NaN in a dump is: `promtool` writes staleness markers as it writes other NaNs.
enum DumpNaN: String, CaseIterable {
    /// A marker where it stands alone, after a number and before a number or the end.
    case auto
    case keep
    case stale
    case drop
}

/// A line of `promtool tsdb dump`: labels as Go writes them, a value, milliseconds.
///
/// Source: Prometheus, cmd/promtool/tsdb.go, `dumpSamples`; model/labels, `String`.
struct DumpLine {
    /// Where the labels end.
    var labelsEnd: Int
    var value: ArraySlice<UInt8>
    var time: ArraySlice<UInt8>

    /// Nil for what is no such line.
    init?(_ line: [UInt8]) {
        guard line.first == UInt8(ascii: "{"), let end = Self.labelsEnd(line) else { return nil }
        labelsEnd = end
        let words = line[end...].split(separator: UInt8(ascii: " "))
        guard let value = words.first, let time = words.last, words.count >= 2 else { return nil }
        // A native histogram stands in braces with blanks in between.
        guard words.count == 2 || value.first == UInt8(ascii: "{") else { return nil }
        self.value = value
        self.time = time
    }

    var isHistogram: Bool { value.first == UInt8(ascii: "{") }
    var isNaN: Bool { value.elementsEqual("NaN".utf8) }

    /// Whether one of the labels in braces is the metric's name.
    static func names(_ line: [UInt8]) -> Bool {
        line.firstRange(of: Array("__name__=\"".utf8)) != nil
    }

    /// Where the name and the labels of a line end, in any of the formats.
    static func labelsEnd(_ line: [UInt8]) -> Int? {
        var place = 0
        var isQuoted = false
        var hasBraces = false
        while place < line.count {
            switch line[place] {
            case UInt8(ascii: "\\") where isQuoted: place += 1
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "{") where !isQuoted: hasBraces = true
            case UInt8(ascii: "}") where !isQuoted: return place + 1
            case UInt8(ascii: " ") where !isQuoted && !hasBraces: return place
            default: break
            }
            place += 1
        }
        return nil
    }

    /// Labels in the text format, with the metric's name in front; nil when they cannot be read.
    static func exposition(_ labels: ArraySlice<UInt8>) -> [UInt8]? {
        var rest = labels.dropFirst().dropLast()
        var name: [UInt8]?
        var others: [UInt8] = []
        while !rest.isEmpty {
            while let first = rest.first, first == UInt8(ascii: ",") || first == UInt8(ascii: " ") {
                rest = rest.dropFirst()
            }
            guard let label = Self.name(&rest), rest.popFirst() == UInt8(ascii: "="),
                let value = GoString.read(&rest)
            else { return nil }
            if label.elementsEqual("__name__".utf8) {
                name = value
            } else {
                others.append(UInt8(ascii: ","))
                appendQuoted(label, to: &others)
                others.append(UInt8(ascii: "="))
                appendQuoted(value, to: &others)
            }
        }
        guard let name else { return nil }
        var result = [UInt8(ascii: "{")]
        appendQuoted(name, to: &result)
        return result + others + [UInt8(ascii: "}")]
    }

    private static func name(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        if rest.first == UInt8(ascii: "\"") { return GoString.read(&rest) }
        let name = Array(rest.prefix { $0 != UInt8(ascii: "=") })
        rest = rest.dropFirst(name.count)
        return name.isEmpty ? nil : name
    }

    private static func appendQuoted(_ text: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
