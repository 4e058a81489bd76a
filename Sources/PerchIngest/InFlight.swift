import Synchronization

/// Bounds the bytes of all requests that are being received, decoded and written.
///
/// A body is counted as it arrives, then as what it becomes: a small compressed one may become
/// 64 MB, and records take a multiple of their text. Over the bound a sender is asked to come back.
package final class InFlight: Sendable {
    private struct State {
        var byteCount = 0
        var byteCountMax: Int
    }

    /// The bytes of one request; they are given back by `release`, or when it is forgotten.
    package final class Reservation: Sendable {
        private let owner: InFlight
        private let byteCount = Mutex(0)

        fileprivate init(_ owner: InFlight) {
            self.owner = owner
        }

        deinit { release() }

        /// Takes `count` bytes more.
        package func grow(by count: Int) throws(Refusal) {
            try resize(to: byteCount.withLock { $0 } + count)
        }

        /// Takes `count` bytes in all.
        ///
        /// A request alone always has room, since the size of a body is checked elsewhere.
        func resize(to count: Int) throws(Refusal) {
            let hasRoom = byteCount.withLock { byteCount in
                guard owner.change(from: byteCount, to: count) else { return false }
                byteCount = count
                return true
            }
            guard hasRoom else {
                throw Refusal(
                    status: 503, reason: .overloaded,
                    message: "too many requests are being written; try again in some seconds")
            }
        }

        /// Gives everything back.
        package func release() {
            byteCount.withLock { byteCount in
                owner.giveBack(byteCount)
                byteCount = 0
            }
        }
    }

    private let state: Mutex<State>

    package init(byteCountMax: Int) {
        state = Mutex(State(byteCountMax: byteCountMax))
    }

    /// All bytes that are reserved.
    package var byteCount: Int { state.withLock { $0.byteCount } }

    /// A request that begins.
    package func begin() -> Reservation { Reservation(self) }

    /// Takes a new bound for what comes.
    func setByteCountMax(_ byteCountMax: Int) {
        state.withLock { $0.byteCountMax = byteCountMax }
    }

    private func change(from old: Int, to new: Int) -> Bool {
        state.withLock { state in
            let others = state.byteCount - old
            guard new <= old || others == 0 || others + new <= state.byteCountMax else {
                return false
            }
            state.byteCount = others + new
            return true
        }
    }

    private func giveBack(_ count: Int) {
        state.withLock { $0.byteCount -= count }
    }
}
