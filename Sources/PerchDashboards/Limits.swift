/// The numbers of this target, in one place.
package enum Limits {
    /// The bytes of a dashboard; the largest public ones have about one million.
    package static let dashboardByteCountMax = 8 << 20
    /// Panels of one dashboard, those of rows included.
    package static let panelsMax = 2_000
    /// Panels that repeating a panel or a row for each value may lead to.
    package static let repeatedPanelsMax = 200
    /// Queries of one panel.
    package static let targetsMax = 100
    /// Variables of one dashboard.
    package static let variablesMax = 200
    /// Options of one variable that are kept.
    package static let optionsMax = 10_000
    /// References of one text that are put in, those in the values of others included.
    static let expansionsMax = 10_000
    /// How deep the values of others are looked into.
    static let interpolationDepthMax = 4
    /// The bytes of one interpolated text.
    package static let interpolatedByteCountMax = 1 << 20
    /// Points of one series that a panel may ask for; Prometheus refuses more than 11,000.
    static let pointsMax: Int64 = 11_000
    /// Calculations of one list, and properties of one override.
    static let calculationsMax = 50
    /// Cells that a transformation may make.
    static let cellsMax = 5_000_000
    /// Rows of one key that a row is compared with when tables become one.
    static let mergedRowsMax = 256
    /// Rows of a table that is drawn.
    package static let tableRowsMax = 5_000
    /// Series of a chart that is drawn; more are told of in a notice.
    package static let seriesMax = 500
    /// Items of a stat, gauge, bar gauge or pie that are drawn.
    package static let itemsMax = 200
    /// Buckets of a histogram.
    static let bucketsMax = 1_000
    /// How deep markdown nests.
    static let markdownDepthMax = 8
    /// The bytes of a text panel that are read.
    static let markdownByteCountMax = 200_000
}
