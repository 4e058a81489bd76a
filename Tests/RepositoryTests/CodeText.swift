/// Swift code with its comments and the contents of its string literals blanked out.
///
/// Line breaks stay, so lines keep their numbers. What stands in an interpolation is blanked with
/// its literal. It knows enough Swift for rules about words and braces, and no more.
struct CodeText {
    let lines: [String]

    init(_ text: String) {
        var scanner = Scanner(bytes: Array(text.utf8))
        scanner.run()
        lines = String(decoding: scanner.output, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The numbers, from 1, of the lines that contain `word` as a whole word.
    func lineNumbers(ofWord word: String) -> [Int] {
        lines.indices.filter { lines[$0].containsWord(word) }.map { $0 + 1 }
    }

    private struct Scanner {
        let bytes: [UInt8]
        var output: [UInt8] = []
        var index = 0

        mutating func run() {
            output.reserveCapacity(bytes.count)
            while index < bytes.count {
                if starts("//") {
                    while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { blank() }
                } else if starts("/*") {
                    blockComment()
                } else if let hashes = literalHashes() {
                    literal(hashes: hashes)
                } else {
                    output.append(bytes[index])
                    index += 1
                }
            }
        }

        private func starts(_ text: String) -> Bool {
            let wanted = Array(text.utf8)
            return index + wanted.count <= bytes.count
                && Array(bytes[index..<index + wanted.count]) == wanted
        }

        private mutating func blank(_ count: Int = 1) {
            for _ in 0..<count where index < bytes.count {
                let byte = bytes[index]
                output.append(byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " "))
                index += 1
            }
        }

        private mutating func blockComment() {
            var depth = 0
            repeat {
                if starts("/*") {
                    depth += 1
                    blank(2)
                } else if starts("*/") {
                    depth -= 1
                    blank(2)
                } else {
                    blank()
                }
            } while depth > 0 && index < bytes.count
        }

        /// The count of `#` before a literal that begins here, or nil when none begins.
        private func literalHashes() -> Int? {
            var end = index
            while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
            guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
            return end - index
        }

        private mutating func literal(hashes: Int) {
            let marks = String(repeating: "#", count: hashes)
            blank(hashes)
            let quote = starts("\"\"\"") ? "\"\"\"" : "\""
            blank(quote.utf8.count)
            while index < bytes.count, !starts(quote + marks) {
                if starts("\\" + marks + "(") {
                    interpolation(2 + hashes)
                } else if starts("\\" + marks) {
                    blank(2 + hashes)
                } else if quote.utf8.count == 1, bytes[index] == UInt8(ascii: "\n") {
                    return
                } else {
                    blank()
                }
            }
            blank(quote.utf8.count + hashes)
        }

        private mutating func interpolation(_ opening: Int) {
            blank(opening)
            var depth = 1
            while depth > 0, index < bytes.count {
                if let hashes = literalHashes() {
                    literal(hashes: hashes)
                    continue
                }
                if bytes[index] == UInt8(ascii: "(") { depth += 1 }
                if bytes[index] == UInt8(ascii: ")") { depth -= 1 }
                blank()
            }
        }
    }
}

extension StringProtocol {
    /// Whether `word` stands in this text with no letter, digit or underscore beside it.
    func containsWord(_ word: String) -> Bool {
        let text = Array(utf8)
        let wanted = Array(word.utf8)
        guard text.count >= wanted.count else { return false }
        for start in 0...(text.count - wanted.count)
        where text[start] == wanted[0] && text[start..<start + wanted.count].elementsEqual(wanted) {
            let end = start + wanted.count
            let before = start > 0 && isWordByte(text[start - 1]) && isWordByte(wanted[0])
            let after = end < text.count && isWordByte(text[end]) && isWordByte(text[end - 1])
            if !before, !after { return true }
        }
        return false
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
