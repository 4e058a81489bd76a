import Foundation
import PerchCodec

/// The lines of a file or of standard input, decompressed where they are compressed by gzip.
struct LineFile {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let handle: FileHandle
    private var gunzip: GunzipStream?
    private var hasBegun = false
    private var hasEnded = false
    /// What is read and not taken yet.
    private var bytes: [UInt8] = []
    private var place = 0
    /// Bytes of the file that were read, compressed where they are.
    private(set) var readByteCount = 0
    /// Bytes of the whole file, nil for what has no end that is known.
    let byteCount: Int?

    init(_ path: String) throws {
        guard path != "-" else {
            handle = .standardInput
            byteCount = nil
            return
        }
        handle = try FileHandle(forReadingFrom: URL(filePath: path))
        byteCount = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    }

    /// The next line without its end, or nil at the end.
    mutating func next() throws -> [UInt8]? {
        var searched = place
        while true {
            if let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { place = end + 1 }
                return Array(bytes[place..<end])
            }
            guard !hasEnded else {
                guard place < bytes.count else { return nil }
                defer { place = bytes.count }
                return Array(bytes[place...])
            }
            guard bytes.count - place <= ImportLimits.lineByteCountMax else {
                throw Failure(description: "a line over \(ImportLimits.lineByteCountMax) bytes")
            }
            bytes.removeSubrange(..<place)
            place = 0
            searched = bytes.count
            try fill()
        }
    }

    private mutating func fill() throws {
        let data = try handle.read(upToCount: ImportLimits.pieceByteCount) ?? Data()
        readByteCount += data.count
        guard !data.isEmpty else {
            hasEnded = true
            try gunzip?.finish()
            return
        }
        if !hasBegun {
            hasBegun = true
            // Source: RFC 1952, section 2.3.1, the two bytes of every member.
            if data.starts(with: [0x1f, 0x8b]) { gunzip = try GunzipStream() }
        }
        if let gunzip {
            try gunzip.decompress(Array(data), to: &bytes)
        } else {
            bytes.append(contentsOf: data)
        }
    }
}
