import Synchronization

/// Bounds the plain bytes of all requests that are being decoded and written.
///
/// A small compressed body may become 64 MB, and it stays in memory until the disk has it. Over
/// the bound a sender is asked to come back.
final class InFlight: Sendable {
    private let byteCount = Mutex(0)
    private let byteCountMax: Int

    init(byteCountMax: Int = Limits.inFlightByteCountMax) {
        self.byteCountMax = byteCountMax
    }

    /// Runs `work` while `count` bytes are reserved.
    ///
    /// A body alone always has room, since its size was checked.
    func reserving<Value>(
        _ count: Int, _ work: () async throws -> Value
    ) async throws -> Value {
        let hasRoom = byteCount.withLock { byteCount in
            guard byteCount == 0 || byteCount + count <= byteCountMax else { return false }
            byteCount += count
            return true
        }
        guard hasRoom else {
            throw Refusal(
                status: 503, reason: .overloaded, message: "too many requests are being written")
        }
        defer { byteCount.withLock { $0 -= count } }
        return try await work()
    }
}
