extension Regex {
    /// The template with the groups of a match in `text` put in.
    ///
    /// Cut at a megabyte: a template that names a group many times must not fill the memory.
    package func expand(
        _ template: RegexTemplate, _ match: RegexMatch, in text: Span<UInt8>
    ) -> [UInt8] {
        var result: [UInt8] = []
        append(template, match, in: text, to: &result)
        return result
    }

    /// What relabeling and `label_replace` do: the expanded template when all of the text matches.
    package func expand(template: RegexTemplate, ifFullyMatches text: String) -> String? {
        guard matchesFully(text) else { return nil }
        if let literal = template.literal { return literal }
        return text.withByteSpan { bytes in
            guard let match = fullMatch(bytes) else { return nil }
            return String(decoding: expand(template, match, in: bytes), as: UTF8.self)
        }
    }

    /// The text with each match replaced, from left to right, as Go's `ReplaceAllString` does.
    package func replacing(_ template: RegexTemplate, in text: String) -> String {
        text.withByteSpan { bytes in
            String(decoding: replacing(template, in: bytes), as: UTF8.self)
        }
    }

    /// The bytes with each match replaced, from left to right.
    package func replacing(_ template: RegexTemplate, in text: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var copied = 0
        var search = 0
        var lastEnd = -1
        while search <= text.count, result.count < Limits.expansionByteCountMax,
            let match = firstMatch(in: text, from: search)
        {
            let range = match.range
            Self.append(text, copied..<range.lowerBound, to: &result)
            copied = range.upperBound
            // An empty match right after another match is none.
            if range.upperBound > lastEnd {
                append(template, match, in: text, to: &result)
            }
            lastEnd = range.upperBound
            search = range.isEmpty ? Self.nextCharacter(text, range.upperBound) : range.upperBound
        }
        Self.append(text, min(copied, text.count)..<text.count, to: &result)
        return result
    }

    private func append(
        _ template: RegexTemplate, _ match: RegexMatch, in text: Span<UInt8>,
        to result: inout [UInt8]
    ) {
        for part in template.parts where result.count < Limits.expansionByteCountMax {
            switch part {
            case .text(let bytes): result += bytes
            case .group(let number):
                if let range = match.range(of: number) { Self.append(text, range, to: &result) }
            case .name(let name):
                let range = groupNames.indices.lazy
                    .filter { self.groupNames[$0] == name }
                    .compactMap { match.range(of: $0) }.first
                if let range { Self.append(text, range, to: &result) }
            }
        }
    }

    private static func append(_ text: Span<UInt8>, _ range: Range<Int>, to bytes: inout [UInt8]) {
        for index in range { bytes.append(text[index]) }
    }

    /// The place after the character at a place.
    private static func nextCharacter(_ text: Span<UInt8>, _ place: Int) -> Int {
        var next = place + 1
        while next < text.count, text[next] & 0xc0 == 0x80 { next += 1 }
        return next
    }
}
