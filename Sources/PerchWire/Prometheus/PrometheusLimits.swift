/// What a body of Prometheus' protocols may make of itself, beside ``Limits``.
enum PrometheusLimits {
    /// Samples, histograms and exemplars of one body.
    ///
    /// Prometheus sends 2,000 a request; a scrape of a large kube-state-metrics has 300,000.
    static let maxRows = 2_000_000
    /// Series of one body; an empty one takes two bytes.
    static let maxSeries = 2_000_000
    /// Texts of one body of remote write 2.0; an empty one takes two bytes.
    static let maxSymbols = 2_000_000
    /// Labels of one series.
    static let maxLabels = 1_000
    /// Buckets of all native histograms of one body together: 64 MB.
    static let maxBuckets = 8_000_000
    /// Descriptions of families in one body.
    static let maxMetadata = 200_000
    /// The characters of all names and values of an exemplar's labels (OpenMetrics 1.0).
    static let maxExemplarCharacters = 128
}
