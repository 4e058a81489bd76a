import PerchModel

/// The keys of the lines of one body, each with a number: lines repeat their keys, mostly in one
/// order, so a key is first compared with the one that followed the key before it.
struct LineKeys {
    /// More are not told apart: their names are data.
    private static let countMax = 4096

    private var known = ByteInterner()
    /// Which key followed each key last time; -1 is unknown.
    ///
    /// One more for the begin of a line.
    private var successors: [Int32] = [-1]
    private var last = -1

    mutating func beginLine() { last = -1 }

    /// The next key of a line's object with its number, -1 where it has none; nil at the end.
    @inline(__always)
    mutating func next(
        _ bytes: Span<UInt8>, _ reader: inout JSONReader, _ first: inout Bool
    ) throws(WireFailure) -> (key: JSONString, number: Int32)? {
        let guess = Int(successors[last &+ 1])
        if guess >= 0, let range = taken(guess, bytes, &reader, &first) {
            last = guess
            return (JSONString(range: range, isPlain: true), Int32(truncatingIfNeeded: guess))
        }
        guard let key = try reader.nextKey(bytes, &first) else { return nil }
        return (key, number(of: key, bytes))
    }

    @inline(__always)
    private func taken(
        _ number: Int, _ bytes: Span<UInt8>, _ reader: inout JSONReader, _ first: inout Bool
    ) -> Range<Int>? {
        let start = number == 0 ? 0 : Int(known.ends[number &- 1])
        let name = known.bytes.span.extracting(start..<Int(known.ends[number]))
        return reader.takeKey(name, of: bytes, &first)
    }

    @inline(never)
    private mutating func number(of key: JSONString, _ bytes: Span<UInt8>) -> Int32 {
        guard key.isPlain else { return -1 }
        let name = bytes.extracting(key.range)
        let number: UInt32
        if known.count < Self.countMax {
            number = known.code(of: name)
            if known.count == successors.count { successors.append(-1) }
        } else if let code = known.known(name) {
            number = code
        } else {
            return -1
        }
        let place = last &+ 1
        successors[place] = Int32(truncatingIfNeeded: number)
        last = Int(number)
        return Int32(truncatingIfNeeded: number)
    }
}
