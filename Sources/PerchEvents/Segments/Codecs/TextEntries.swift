import PerchBytes
import PerchModel

/// The entries of a dictionary, on the disk: plain, or as templates.
enum TextEntries {
    private static let plain: UInt8 = 0
    private static let templates: UInt8 = 1

    static func append(
        _ entries: TextSource, templates found: TextTemplates?, _ packer: ChunkPacker,
        to bytes: inout [UInt8]
    ) {
        guard let found else {
            bytes.append(plain)
            PlainTexts.append(entries, packer, to: &bytes)
            return
        }
        bytes.append(templates)
        found.appendPatterns(packer, to: &bytes)
        IntegerCodec.append(codes: found.codes, packer, to: &bytes)
        found.appendVariables(packer, to: &bytes)
    }

    /// Whether entries are templates, whose patterns come next.
    static func areTemplates(_ reader: inout ByteReader) throws -> Bool {
        try reader.read(UInt8.self) == templates
    }

    /// Reads all entries.
    static func read(
        count: Int, byteCountMax: Int, _ reader: inout ByteReader
    ) throws -> TextSource {
        let place = reader.position
        switch try reader.read(UInt8.self) {
        case plain:
            return try PlainTexts.read(count: count, byteCountMax: byteCountMax, &reader)
        case templates:
            let patterns = try TemplateTexts.readPatterns(&reader, byteCountMax: byteCountMax)
            let codes = try TemplateTexts.readCodes(
                count: count, below: patterns.count, &reader)
            let texts = try TemplateTexts(patterns, codes, byteCountMax: byteCountMax, &reader)
            var all = TextSource(ends: [], bytes: [])
            all.ends.reserveCapacity(count)
            try texts.append(to: &all.ends, &all.bytes, byteCountMax: byteCountMax) { _ in true }
            return all
        default: throw ByteFailure.invalid(atByte: place)
        }
    }

    /// Reads the entries at some places, which ascend and are below `count`.
    static func read(
        count: Int, at places: [UInt32], byteCountMax: Int, _ reader: inout ByteReader
    ) throws -> TextSource {
        let place = reader.position
        switch try reader.read(UInt8.self) {
        case plain:
            return try PlainTexts.read(
                count: count, at: places, byteCountMax: byteCountMax, &reader)
        case templates:
            let patterns = try TemplateTexts.readPatterns(&reader, byteCountMax: byteCountMax)
            if let code = try TemplateTexts.readOnlyCode(below: patterns.count, &reader) {
                return try TemplatePick.read(
                    patterns, only: code, count: count, at: places, byteCountMax: byteCountMax,
                    &reader)
            }
            let codes = try TemplateTexts.readCodes(
                count: count, below: patterns.count, &reader)
            return try TemplatePick.read(
                patterns, codes, at: places, byteCountMax: byteCountMax, &reader)
        default: throw ByteFailure.invalid(atByte: place)
        }
    }

    /// Which entries are this text; nil where they stand plainly, so that reading them is as quick.
    static func places(
        of text: [UInt8], count: Int, byteCountMax: Int, _ reader: inout ByteReader
    ) throws -> [Bool]? {
        guard try reader.read(UInt8.self) == templates else { return nil }
        let patterns = try TemplateTexts.readPatterns(&reader, byteCountMax: byteCountMax)
        let wanted = WantedText(text, patterns)
        let isOther = PatternShapes(patterns).isOther
        guard wanted.pattern != nil || isOther.contains(true) else {
            return [Bool](repeating: false, count: count)
        }
        let codes = try TemplateTexts.readCodes(count: count, below: patterns.count, &reader)
        let texts = try TemplateTexts(patterns, codes, byteCountMax: byteCountMax, &reader) {
            $0 == wanted.pattern || isOther[$0]
        }
        return texts.places(of: wanted)
    }
}
