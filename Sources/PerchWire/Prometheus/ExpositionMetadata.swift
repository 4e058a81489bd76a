import PerchModel

/// A line that describes a family: where its parts stand in the body.
struct MetadataLine {
    enum Kind: UInt64 {
        case help
        case type
        case unit
    }

    var kind: Kind
    var name: Range<Int>
    var isQuoted: Bool
    var text: Range<Int>

    /// A hash of all lines' bytes, to find out whether they changed; never an argument for safety.
    static func hash(_ lines: [MetadataLine], _ bytes: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for line in lines {
            hash = (hash ^ line.kind.rawValue) &* 0x9e37_79b9_7f4a_7c15
            var place = line.name.lowerBound
            while place &+ 8 <= line.text.upperBound {
                hash = (hash ^ word(bytes, at: place)) &* 0x9e37_79b9_7f4a_7c15
                hash ^= hash >> 32
                place &+= 8
            }
            while place < line.text.upperBound {
                hash = (hash ^ UInt64(bytes[place])) &* 0x0000_0100_0000_01b3
                place &+= 1
            }
        }
        return hash
    }

    /// The families that the lines describe; of what is said twice the last counts.
    static func families(
        _ lines: [MetadataLine], _ bytes: Span<UInt8>
    ) throws(WireFailure) -> [MetricMetadata] {
        var families: [MetricMetadata] = []
        var places: [String: Int] = [:]
        for line in lines {
            let name =
                line.isQuoted
                ? unescaped(bytes, line.name) : LabelList.text(bytes, line.name)
            let place: Int
            if let last = families.last, last.family == name {
                place = families.count - 1
            } else if let known = places[name] {
                place = known
            } else {
                guard families.count < PrometheusLimits.maxMetadata else {
                    throw .tooLarge("over \(PrometheusLimits.maxMetadata) families in one body")
                }
                place = families.count
                places[name] = place
                families.append(
                    MetricMetadata(family: name, type: .unknown, unit: "", help: ""))
            }
            switch line.kind {
            case .help: families[place].help = unescaped(bytes, line.text)
            case .type:
                families[place].type =
                    MetricType(name: LabelList.text(bytes, line.text)) ?? .unknown
            case .unit: families[place].unit = LabelList.text(bytes, line.text)
            }
        }
        return families
    }

    private static func unescaped(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        var text: [UInt8] = []
        var place = range.lowerBound
        while place < range.upperBound {
            if bytes[place] == UInt8(ascii: "\\"), place + 1 < range.upperBound {
                ExpositionParser.appendEscape(bytes[place + 1], to: &text)
                place += 2
            } else {
                text.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension ExpositionParser {
    /// A line that begins with `#`: a description, the end, or a comment.
    mutating func comment(_ bytes: Span<UInt8>) throws(WireFailure) {
        let start = position
        var lineEnd = position
        while lineEnd < end, bytes[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
        defer { position = min(end, lineEnd + 1) }
        position += 1
        skipBlanks(bytes)
        let word = token(bytes)
        let kind: MetadataLine.Kind
        switch Self.letters(bytes, word) {
        case 0x4845_4c50 where position < lineEnd: kind = .help
        case 0x5459_5045 where position < lineEnd: kind = .type
        case 0x554e_4954 where position < lineEnd && format == .openMetrics: kind = .unit
        case 0x45_4f46 where word.upperBound == lineEnd && format == .openMetrics:
            hasEnded = true
            return
        default:
            guard format == .text else {
                throw .malformed("expected HELP, TYPE, UNIT or EOF", atByte: start)
            }
            return
        }
        try description(bytes, kind, to: lineEnd)
    }

    /// The name and the text after `HELP`, `TYPE` or `UNIT`.
    private mutating func description(
        _ bytes: Span<UInt8>, _ kind: MetadataLine.Kind, to lineEnd: Int
    ) throws(WireFailure) {
        skipBlanks(bytes)
        let start = position
        guard position < lineEnd else {
            throw .malformed("expected the name of a family", atByte: start)
        }
        let isQuoted = bytes[position] == UInt8(ascii: "\"")
        var name: Range<Int>
        if isQuoted {
            _ = try quoted(bytes)
            scratch.removeAll(keepingCapacity: true)
            name = (start + 1)..<(position - 1)
        } else {
            name = token(bytes)
            for index in name where !Self.isNamePart(bytes[index], allowsColon: true) {
                throw .malformed("expected the name of a family", atByte: start)
            }
        }
        guard !name.isEmpty else {
            throw .malformed("expected the name of a family", atByte: start)
        }
        if position < lineEnd { position += 1 }
        if kind != .help { skipBlanks(bytes) }
        var text = min(position, lineEnd)..<lineEnd
        if kind != .help {
            while let last = text.last, bytes[last] <= UInt8(ascii: " ") {
                text = text.lowerBound..<last
            }
        }
        try check(bytes, kind, name, text)
        guard described.count < 3 * PrometheusLimits.maxMetadata else {
            throw .tooLarge("over \(PrometheusLimits.maxMetadata) families in one body")
        }
        described.append(MetadataLine(kind: kind, name: name, isQuoted: isQuoted, text: text))
    }

    private mutating func check(
        _ bytes: Span<UInt8>, _ kind: MetadataLine.Kind, _ name: Range<Int>, _ text: Range<Int>
    ) throws(WireFailure) {
        switch kind {
        case .help:
            guard UTF8Check.isValid(bytes.extracting(text)) else {
                throw .malformed("text that is not UTF-8", atByte: text.lowerBound)
            }
        case .type:
            guard let type = MetricType(name: LabelList.text(bytes, text)) else {
                throw .malformed("invalid metric type", atByte: text.lowerBound)
            }
            beginFamily(of: type)
        case .unit:
            guard !text.isEmpty else { return }
            let suffix = name.count - text.count
            guard suffix > 0, bytes[name.lowerBound + suffix - 1] == UInt8(ascii: "_"),
                LabelList.order(bytes, (name.lowerBound + suffix)..<name.upperBound, text) == 0
            else {
                throw .malformed("a unit that does not end its metric", atByte: text.lowerBound)
            }
        }
    }

    /// A word of up to four letters as a number: `HELP`, `TYPE`, `UNIT` or `EOF`.
    private static func letters(_ bytes: Span<UInt8>, _ word: Range<Int>) -> UInt32 {
        guard word.count <= 4 else { return 0 }
        var letters: UInt32 = 0
        for index in word { letters = letters << 8 | UInt32(bytes[index]) }
        return letters
    }
}
