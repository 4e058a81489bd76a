import Foundation
import PerchModel
import Synchronization

/// The dashboards of the folders that the configuration names (DB-18).
///
/// Folders are looked through at each call; a file is read again when its time or size changed, so
/// that a change by git is seen by the next reader.
final class DashboardFiles: Sendable {
    private struct Kept {
        var date: Date
        var bytes: [UInt8]
    }

    /// Files that are looked at, bytes of one, and of all: what is beyond is left out.
    static let fileCountMax = 2_000
    static let fileByteCountMax = 8 << 20
    static let byteCountMax = 64 << 20

    private let kept = Mutex<[String: Kept]>([:])

    /// Every file whose name ends in `.json`, also in folders within; by path.
    func read(_ folders: [String]) -> [(name: String, bytes: [UInt8])] {
        var found: [(name: String, path: String, date: Date, size: Int)] = []
        var byteCount = 0
        for folder in folders {
            let root = URL(filePath: folder)
            let keys: [URLResourceKey] = [
                .contentModificationDateKey, .fileSizeKey, .isRegularFileKey,
            ]
            guard
                let walk = FileManager.default.enumerator(
                    at: root, includingPropertiesForKeys: keys, options: [.skipsHiddenFiles])
            else { continue }
            for case let url as URL in walk where url.pathExtension == "json" {
                guard found.count < Self.fileCountMax,
                    let values = try? url.resourceValues(forKeys: Set(keys)),
                    values.isRegularFile == true, let size = values.fileSize,
                    size <= Self.fileByteCountMax, byteCount + size <= Self.byteCountMax
                else { continue }
                byteCount += size
                found.append(
                    (
                        url.deletingPathExtension().lastPathComponent, url.path(),
                        values.contentModificationDate ?? .distantPast, size
                    ))
            }
        }
        found.sort { $0.path < $1.path }
        return kept.withLock { kept in
            var now: [String: Kept] = [:]
            var result: [(name: String, bytes: [UInt8])] = []
            for file in found {
                if let old = kept[file.path], old.date == file.date, old.bytes.count == file.size {
                    now[file.path] = old
                } else if let data = FileManager.default.contents(atPath: file.path) {
                    now[file.path] = Kept(date: file.date, bytes: Array(data))
                }
                if let entry = now[file.path] { result.append((file.name, entry.bytes)) }
            }
            kept = now
            return result
        }
    }
}
