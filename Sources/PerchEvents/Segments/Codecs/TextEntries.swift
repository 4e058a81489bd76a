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
        IntegerCodec.append(found.codes.map { Int64($0) }, packer, to: &bytes)
        found.appendVariables(packer, to: &bytes)
    }

    /// Reads all entries, or those for which `wants` holds.
    static func read(
        count: Int, byteCountMax: Int, _ reader: inout ByteReader, where wants: ((Int) -> Bool)?
    ) throws -> TextSource {
        let place = reader.position
        switch try reader.read(UInt8.self) {
        case plain:
            let all = try PlainTexts.read(count: count, byteCountMax: byteCountMax, &reader)
            guard let wants else { return all }
            var some = TextSource(ends: [], bytes: [])
            for index in 0..<count where wants(index) {
                some.bytes.append(all.bytes.span.extracting(all.range(index)))
                some.ends.append(UInt32(some.bytes.count))
            }
            return some
        case templates:
            let patterns = try TemplateTexts.readPatterns(&reader, byteCountMax: byteCountMax)
            let codes = try TemplateTexts.readCodes(
                count: count, below: patterns.count, &reader)
            var used: RowMask?
            if let wants {
                var some = RowMask(none: patterns.count)
                for index in codes.indices where wants(index) { some.insert(Int(codes[index])) }
                used = some
            }
            let texts = try TemplateTexts(
                patterns, codes, byteCountMax: byteCountMax, &reader
            ) { used?.contains($0) ?? true }
            var some = TextSource(ends: [], bytes: [])
            some.ends.reserveCapacity(count)
            try texts.append(to: &some.ends, &some.bytes, byteCountMax: byteCountMax) {
                wants?($0) ?? true
            }
            return some
        default: throw ByteFailure.invalid(atByte: place)
        }
    }
}
