package import PerchDashboards
import Synchronization

/// Dashboards that were read lately, since a page asks for its file once a panel.
///
/// A file is known by its bytes, so a changed one is read anew.
package final class DashboardCache: Sendable {
    /// The newest last.
    private let kept = Mutex<[Dashboard]>([])

    package init() {}

    /// The dashboard of the bytes.
    package func dashboard(_ bytes: [UInt8]) throws(DashboardFailure) -> Dashboard {
        let known = kept.withLock { kept -> Dashboard? in
            guard let place = kept.lastIndex(where: { $0.source == bytes }) else { return nil }
            let found = kept.remove(at: place)
            kept.append(found)
            return found
        }
        if let known { return known }
        let dashboard = try Dashboard(reading: bytes)
        kept.withLock { kept in
            kept.append(dashboard)
            var byteCount = kept.reduce(0) { $0 + $1.source.count }
            while kept.count > Limits.parsedDashboardsMax
                || (byteCount > Limits.parsedDashboardBytesMax && kept.count > 1)
            {
                byteCount -= kept.removeFirst().source.count
            }
        }
        return dashboard
    }
}
