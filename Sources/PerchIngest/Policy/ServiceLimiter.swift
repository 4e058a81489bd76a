import PerchModel
import Synchronization

/// Bounds how many events each service sends, over ten seconds at a time.
final class ServiceLimiter: Sendable {
    private struct Bucket {
        var left: Double
        var nanos: Int64
    }

    private let perSecond: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    init(perSecond: Int) {
        self.perSecond = Double(perSecond)
    }

    /// Takes what a batch needs, or refuses all of it and takes nothing.
    ///
    /// A batch over what is left is taken while anything is left, and paid for afterwards: one that
    /// is larger than all would never come in otherwise.
    func take(_ batch: EventBatch, nowNanos: Int64) throws(Refusal) {
        var counts: [String: Int] = [:]
        var byResource = [Int](repeating: 0, count: batch.resources.count)
        for index in batch.resourceIndexes { byResource[Int(index)] += 1 }
        for (resource, count) in zip(batch.resources, byResource) {
            counts[resource.service, default: 0] += count
        }
        let most = perSecond * Limits.serviceSeconds
        let over = buckets.withLock { buckets -> String? in
            for service in counts.keys {
                var bucket = buckets[service] ?? Bucket(left: most, nanos: nowNanos)
                let seconds = Double(max(0, nowNanos &- bucket.nanos)) / 1e9
                bucket.left = min(most, bucket.left + seconds * perSecond)
                bucket.nanos = nowNanos
                if buckets.count < Limits.servicesMax || buckets[service] != nil {
                    buckets[service] = bucket
                }
                if bucket.left <= 0 { return service }
            }
            for (service, count) in counts { buckets[service]?.left -= Double(count) }
            return nil
        }
        if let over {
            throw Refusal(
                status: 429, reason: .serviceLimit,
                message: "the service \"\(over)\" sends more than \(Int(perSecond)) events a second"
            )
        }
    }
}
