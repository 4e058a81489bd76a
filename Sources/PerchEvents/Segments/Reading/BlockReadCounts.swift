import Synchronization

/// How many blocks of segments reads looked at, by what came of it.
final class BlockReadCounts: Sendable {
    /// The filter of tokens showed that no row is in it.
    let filtered = Atomic<Int>(0)
    /// Conditions or bounds showed it.
    let empty = Atomic<Int>(0)
    /// Rows alike were answered as one.
    let joined = Atomic<Int>(0)
    /// Rows were answered.
    let rows = Atomic<Int>(0)
}
