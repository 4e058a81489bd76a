import PerchBytes
import PerchFiles
import PerchModel

/// Where texts of one length stand in a chunk, so that one is read without the others.
///
/// They are ids: bytes, or one run of hex digits in a pattern.
struct FixedTexts {
    /// What stands around the digits; nil where the text is the bytes.
    private var pattern: [UInt8]?
    /// Bytes, or digits, of each.
    private let length: Int
    /// Of the first text, in the chunk.
    private let start: Int

    private var byteCount: Int { pattern == nil ? length : (length + 1) / 2 }

    /// Reads the head of a chunk of as many texts; nil where they are others.
    ///
    /// `areEntries` says that they are the entries of a dictionary.
    init?(head: [UInt8], count: Int, areEntries: Bool) {
        var reader = ByteReader(head)
        do {
            if areEntries, try TextEntries.areTemplates(&reader) {
                let patterns = try TemplateTexts.readPatterns(&reader, byteCountMax: head.count)
                let shapes = PatternShapes(patterns)
                guard patterns.count == 1, shapes.slotCounts[0] == 0, shapes.hexCounts[0] == 1,
                    try TemplateTexts.readOnlyCode(below: 1, &reader) != nil
                else { return nil }
                pattern = patterns.bytes
            }
            guard let length = try IntegerCodec.readConstant(&reader), length > 0,
                length <= Int64(Limits.fixedTextByteCountMax)
            else { return nil }
            self.length = Int(length)
            guard let total = try ChunkPacker.readPlainHead(&reader) else { return nil }
            start = reader.position
            guard total == UInt64(count * byteCount) else { return nil }
        } catch {
            // The head is longer than what was read, or something else.
            return nil
        }
    }

    /// Reads the texts at some places, which are below the count.
    func read(at places: [UInt32], _ chunk: SegmentChunk, _ file: any ReadableFile) throws
        -> TextSource
    {
        var texts = TextSource(ends: [], bytes: [])
        for place in places {
            let range = start + Int(place) * byteCount..<start + (Int(place) + 1) * byteCount
            append(try file.read(range, of: chunk), to: &texts.bytes)
            texts.ends.append(UInt32(texts.bytes.count))
        }
        return texts
    }

    private func append(_ bytes: ArraySlice<UInt8>, to text: inout [UInt8]) {
        guard let pattern else {
            text += bytes
            return
        }
        for byte in pattern {
            guard byte == TextScanner.Mark.hex else {
                text.append(byte)
                continue
            }
            let end = text.count
            text.append(contentsOf: repeatElement(0, count: length))
            var target = text.mutableSpan
            _ = Hex.write(bytes.span, from: 0, length, to: &target, at: end)
        }
    }
}
