import Foundation
package import PerchIngest

/// The files that a scrape's settings name, from the disk.
package struct ScrapeFileReader: ScrapeFiles {
    package init() {}

    package func paths(matching pattern: String) -> [String] {
        let url = URL(filePath: pattern)
        let name = url.lastPathComponent
        guard name.contains("*") else {
            return FileManager.default.fileExists(atPath: pattern) ? [pattern] : []
        }
        let folder = url.deletingLastPathComponent().path(percentEncoded: false)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let parts = name.split(separator: "*", omittingEmptySubsequences: false)
        return names.filter { Self.fits(Substring($0), parts) }.sorted()
            .map { folder.hasSuffix("/") ? folder + $0 : "\(folder)/\($0)" }
    }

    /// Whether a name has the parts in order, the first at its beginning and the last at its end.
    private static func fits(_ name: Substring, _ parts: [Substring]) -> Bool {
        guard let first = parts.first, let last = parts.last, name.hasPrefix(first) else {
            return false
        }
        var rest = name.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(last)
    }

    package func bytes(_ path: String, byteCountMax: Int) throws(ScrapeFailure) -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw ScrapeFailure("cannot read \(path)")
        }
        defer { try? file.close() }
        // One byte more tells a file that is too long.
        guard let data = try? file.read(upToCount: byteCountMax + 1) ?? Data() else {
            throw ScrapeFailure("cannot read \(path)")
        }
        guard data.count <= byteCountMax else {
            throw ScrapeFailure("\(path) is over \(byteCountMax) bytes")
        }
        return Array(data)
    }
}
