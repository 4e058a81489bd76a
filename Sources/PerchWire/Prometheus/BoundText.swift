import PerchModel

/// The bounds in the labels `le` of histograms and `quantile` of summaries, in one form: clients
/// write `1`, `1.0` and `1e0` for the same bound, which would be three series.
///
/// Source: Prometheus 3, `model/textparse`: labels of lines after `# TYPE … histogram` or `summary`
/// take the form of OpenMetrics, `1.0`, `0.25`, `1e+06`; what is no number stays.
enum BoundText {
    /// Which label holds a bound.
    enum Label {
        case none
        /// `le`
        case bucket
        case quantile

        init(_ type: MetricType) {
            switch type {
            case .histogram: self = .bucket
            case .summary: self = .quantile
            default: self = .none
            }
        }

        private static let bucketName = Array("le".utf8)
        private static let quantileName = Array("quantile".utf8)

        var name: [UInt8] {
            switch self {
            case .none: []
            case .bucket: Self.bucketName
            case .quantile: Self.quantileName
            }
        }
    }

    /// The bound in its form, or nil when it has it already or is no number.
    static func normal(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8]? {
        if isNormal(bytes, range) { return nil }
        guard let value = ExpositionNumber.value(bytes, range) else { return nil }
        return Array(FloatText.openMetrics(value).utf8)
    }

    /// Whether a text is surely in the form: digits around a point, neither so large nor so small
    /// that there would be an exponent, and not so many that they would be rounded.
    private static func isNormal(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count <= 15 else { return false }
        let zero = UInt8(ascii: "0")
        var point: Int?
        var significant: Int?
        for place in range {
            let byte = bytes[place]
            if byte == UInt8(ascii: "."), point == nil {
                point = place
            } else if byte &- zero < 10 {
                if byte != zero, significant == nil { significant = place }
            } else {
                return false
            }
        }
        guard let point, point > range.lowerBound, point - range.lowerBound <= 6,
            point + 1 < range.upperBound
        else { return false }
        // No zeros before a number, nor after its last digit but the one behind the point.
        let isWhole = bytes[range.lowerBound] != zero
        guard isWhole || point == range.lowerBound + 1,
            bytes[range.upperBound - 1] != zero || range.upperBound == point + 2
        else { return false }
        guard !isWhole, let significant else { return true }
        return significant - point <= 4
    }
}
