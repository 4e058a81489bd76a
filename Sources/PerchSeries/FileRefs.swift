/// What the refs of one file stand for, while it is read.
struct FileRefs: Sendable {
    /// The number + 1 of the refs that are dense, or 0.
    private var dense: [UInt32] = []
    private var sparse: [UInt32: UInt32] = [:]

    subscript(ref: UInt32) -> UInt32? {
        get {
            guard ref < Limits.denseRefCountMax else { return sparse[ref] }
            guard ref < dense.count, dense[Int(ref)] > 0 else { return nil }
            return dense[Int(ref)] - 1
        }
        set {
            guard ref < Limits.denseRefCountMax else {
                sparse[ref] = newValue
                return
            }
            if ref >= dense.count {
                let missing = Int(ref) + 1 - dense.count
                dense.append(contentsOf: repeatElement(0, count: missing))
            }
            dense[Int(ref)] = newValue.map { $0 + 1 } ?? 0
        }
    }
}
