/// Bodies in the form of each encoding, with blocks that are stored and not compressed, so that no
/// compressor is needed.
enum StoredEncodings {
    static func encode(_ bytes: [UInt8], _ encoding: String) -> [UInt8] {
        switch encoding {
        case "gzip":
            // RFC 1952: ten bytes of header, then CRC and length.
            [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff] + deflate(bytes) + little(crc32(bytes))
                + little(UInt32(truncatingIfNeeded: bytes.count))
        case "deflate":
            // RFC 1950: two bytes of header, then Adler-32.
            [0x78, 0x01] + deflate(bytes) + little(adler32(bytes)).reversed()
        case "zstd": zstd(bytes)
        default: bytes
        }
    }

    /// RFC 1951, section 3.2.4: stored blocks of at most 65,535 bytes.
    private static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        blocks(bytes, 65_535).flatMap { block, isLast -> [UInt8] in
            let length = UInt16(block.count)
            let head = [length, ~length].flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
            return [isLast ? 1 : 0] + head + Array(block)
        }
    }

    /// RFC 8878, section 3.1.1: a frame with a window of 1 MiB and raw blocks, without a checksum.
    private static func zstd(_ bytes: [UInt8]) -> [UInt8] {
        [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]
            + blocks(bytes, 65_536).flatMap { block, isLast -> [UInt8] in
                Array(little(UInt32(block.count) << 3 | (isLast ? 1 : 0)).prefix(3)) + Array(block)
            }
    }

    private static func blocks(_ bytes: [UInt8], _ size: Int) -> [(ArraySlice<UInt8>, Bool)] {
        stride(from: 0, to: max(bytes.count, 1), by: size).map {
            (bytes[$0..<min($0 + size, bytes.count)], $0 + size >= bytes.count)
        }
    }

    private static func little(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 {
                let isOdd = crc & 1 == 1
                crc >>= 1
                if isOdd { crc ^= 0xedb8_8320 }
            }
        }
        return ~crc
    }

    private static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }
}
