import PerchModel

/// The tokens of one block, each once: ids, and the changing parts of texts that are long enough to
/// be looked for.
struct TokenCollector {
    /// Shorter numbers are in almost every block.
    static let digitCountMin = 5

    private(set) var hashes = HashList()
    private var scanner = TextScanner()

    /// Notes an id, as hex digits.
    mutating func add(id: Span<UInt8>) { hashes.insert(TokenFilter.hash(id: id)) }

    /// Notes what a text has.
    mutating func add(text bytes: Span<UInt8>, _ range: Range<Int>) {
        _ = scanner.scan(bytes, range)
        add(scanner, bytes)
    }

    /// Notes what a scanner found.
    mutating func add(_ scanner: TextScanner, _ bytes: Span<UInt8>) {
        for index in 0..<scanner.partCount {
            let part = scanner.part(index)
            guard part.isHex || part.range.count >= Self.digitCountMin else { continue }
            hashes.insert(TokenFilter.hash(bytes, part.range))
        }
    }

    /// Notes what the values of a resource have.
    mutating func add(_ resource: Resource) {
        for attribute in resource.attributes {
            let text = Array(attribute.value.text.utf8)
            if case .id(let id) = attribute.value { add(id: id.span) }
            add(text: text.span, 0..<text.count)
        }
    }
}
