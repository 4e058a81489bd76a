/// A piece of a text behind a pipe.
struct PipeToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case word(String)
        case quoted(String)
        case open
        case close
        case comma
        case equals
        case pipe
        case end
    }

    var kind: Kind
    /// Characters before it.
    var position: Int

    /// What stands in a message.
    var shown: String {
        switch kind {
        case .word(let text), .quoted(let text): "“\(text.prefix(40))”"
        case .open: "“(”"
        case .close: "“)”"
        case .comma: "“,”"
        case .equals: "“=”"
        case .pipe: "“|”"
        case .end: "the end"
        }
    }
}

/// Cuts what stands behind pipes into tokens.
struct PipeLexer {
    private let characters: [Character]
    private var offset: Int

    init(_ characters: [Character], _ offset: Int) {
        self.characters = characters
        self.offset = offset
    }

    mutating func next() throws(SearchFailure) -> PipeToken {
        while offset < characters.count, characters[offset].isWhitespace { offset += 1 }
        let start = offset
        guard offset < characters.count else { return PipeToken(kind: .end, position: start) }
        let kind: PipeToken.Kind
        switch characters[offset] {
        case "\"":
            let text = try SearchLexer.quoted(characters, &offset)
            return PipeToken(kind: .quoted(text), position: start)
        case "(": kind = .open
        case ")": kind = .close
        case ",": kind = .comma
        case "=": kind = .equals
        case "|": kind = .pipe
        default:
            while offset < characters.count, !characters[offset].isWhitespace,
                !"\"(),=|".contains(characters[offset])
            {
                offset += 1
            }
            return PipeToken(kind: .word(String(characters[start..<offset])), position: start)
        }
        offset += 1
        return PipeToken(kind: kind, position: start)
    }
}
