import Foundation
import PerchFiles
import PerchModel
import PerchSeries

extension Stores {
    /// Makes a data folder with all samples under `snapshots` and answers its name: a time and
    /// some random digits, as Prometheus names them.
    ///
    /// One that was not finished has no file that says it is a data folder.
    func snapshotSeries(
        skipsHead: Bool, timeMillis: Int64
    ) async throws(StoreFailure) -> String {
        let time = Date(timeIntervalSince1970: Double(timeMillis / 1_000)).formatted(
            .iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        let random = String(UInt64.random(in: .min ... .max), radix: 16)
        let name = "\(time)-\(String(repeating: "0", count: 16 - random.count))\(random)"
        let path = folder.path.child(FileNames.snapshots).child(name)
        try await series.snapshot(to: path.child("series"), skipsHead: skipsHead)
        do {
            try DataFolder.finishCopy(files: LocalFiles(), path: path)
        } catch {
            throw .failed(error.message)
        }
        return name
    }
}
