import PerchModel

extension SampleBatch {
    /// Gives every series these labels, in place of its own of the same names.
    mutating func addLabels(_ extra: [(name: String, value: String)]) {
        let names = Set(extra.map(\.name))
        var bytes: [UInt8] = []
        var ends: [UInt32] = []
        bytes.reserveCapacity(seriesBytes.count)
        ends.reserveCapacity(seriesCount)
        for series in 0..<seriesCount {
            let own = labels(at: series).pairs.filter { !names.contains($0.name) }
            bytes.append(contentsOf: Labels(extra + own).bytes)
            ends.append(UInt32(bytes.count))
        }
        seriesBytes = bytes
        seriesEnds = ends
    }
}
