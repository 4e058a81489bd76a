/// The bounds of the pages: how much a page reads and shows.
package enum Limits {
    /// Bytes of a form.
    ///
    /// The largest one holds a name and a password.
    package static let formBytesMax = 64 * 1_024
    /// Deploys shown on one page.
    package static let deploysMax = 1_000
    /// How far back errors are searched for new versions, how many are noted at once, and how long
    /// their names may be.
    static let errorVersionsSeconds: Int64 = 80
    static let errorVersionsMax = 20
    /// Deploys of a day beyond which errors are no longer searched for more.
    static let errorVersionsPerDay = 500
    static let deployFieldByteCountMax = 1_024
    /// Records behind counts by level and histograms.
    package static let countedRecordsMax = 1_000_000
    /// Bytes of the attributes that stand beside a record's message.
    package static let logExtraBytesMax = 150
    /// Log rows of one page.
    package static let logRowsPerPage = 200
    /// The same when the reader asks for more.
    package static let logRowsPerPageMax = 500
    /// Rows whose fields are counted for the list beside them.
    package static let fieldRowsMax = 2_000
    /// Fields that are counted, and different values of each.
    package static let fieldsCountedMax = 500
    package static let fieldValuesCountedMax = 1_000
    /// Fields beside the rows, and values of each.
    package static let fieldsShownMax = 30
    package static let fieldValuesShownMax = 5
    /// Bytes of a value that makes a useful term.
    package static let fieldValueBytesMax = 200
    /// Records that stay in the live view; the script has the same number.
    package static let liveRowsMax = 500
    /// Records that one link exports.
    package static let exportRowsMax = 100_000
    /// Fields that stand as columns beside a message.
    package static let logColumnsMax = 6
    /// Rows on each side of one that is looked at with its neighbours.
    package static let logContextMax = 200
    /// Rows whose forms are counted, and forms shown.
    package static let patternRowsMax = 100_000
    package static let patternsShownMax = 200
    /// Rows of a table that answers a question.
    package static let answerRowsMax = 1_000
    /// Rows looked through for the values that a search box offers, and entries offered.
    package static let completionRowsMax = 20_000
    package static let completionsMax = 12
    /// Bytes of a name under which a search is kept, of its address, and searches kept.
    package static let savedNameBytesMax = 100
    package static let savedAddressBytesMax = 8_192
    package static let savedSearchesMax = 500
    /// Spans looked through for a list of traces.
    package static let tracesScanMax = 100_000
    /// Parts of a range of which each is looked through for services, so that one that was loud
    /// hides none that spoke hours ago.
    package static let serviceSlices = 20
    /// Rows looked through for services, of each dataset and part; more of the newest part, whose
    /// times are shown.
    package static let serviceRowsPerSlice = 1_000
    package static let serviceRowsNewest = 5_000
    /// Services known by metrics alone whose newest sample is looked up.
    package static let metricServicesMax = 100
    /// Seconds of metrics behind latencies of the home page; longer ranges show the last hours.
    package static let latencySecondsMax: Int64 = 3_600
    /// Error records of the last hour that are grouped, and groups shown.
    package static let errorRecordsMax = 5_000
    package static let errorGroupsMax = 6
    /// Failed spans of a service that are grouped, and rows of a part looked through for instances.
    package static let errorSpansMax = 2_000
    package static let instanceRowsPerSlice = 200
    /// Rows of each table of a service's page.
    package static let serviceTableRowsMax = 50
    /// Services drawn in the map.
    package static let mapNodesMax = 120
    /// Answers kept for readers who ask the same.
    package static let cachedAnswersMax = 64
    /// How long an answer is kept at least and at most, and how much longer than it took.
    package static let answerKeptNanosMin: Int64 = 5_000_000_000
    package static let answerKeptNanosMax: Int64 = 60_000_000_000
    package static let answerKeptPerCost: Int64 = 4
    /// Traces of one page.
    package static let tracesPerPage = 50
    /// Spans read to describe the traces of one page.
    package static let traceListSpansMax = 50_000
    /// Points of the picture of durations above a list of traces.
    package static let tracePointsMax = 500
    /// Different traces told apart when the slowest are looked for.
    package static let tracesComparedMax = 50_000
    /// Spans read of one trace.
    package static let traceSpansMax = 20_000
    /// Spans of one trace that stand as rows at once; the others are reached from these.
    package static let traceRowsMax = 400
    /// Spans of a view up to which each row brings its details along.
    package static let traceInlineMax = 60
    /// Spans in the flame view, rows of it, and lines of the small picture of a whole trace.
    package static let traceFlameMax = 1_500
    package static let traceLanesMax = 200
    package static let traceMapMax = 1_500
    /// Spans with errors that are named above a trace.
    package static let traceErrorsMax = 5
    /// Operations whose usual durations are looked up for one trace, spans read for that, and spans
    /// of an operation below which nothing is said.
    package static let usualOperationsMax = 24
    package static let usualSpansMax = 100_000
    package static let usualSpansMin = 10
    /// Steps of a funnel, and spans looked at for each.
    package static let funnelStepsMax = 5
    package static let funnelSpansMax = 200_000
    /// Log records shown under a trace.
    package static let traceLogsMax = 500
    /// Series looked at to list names and labels.
    package static let labelSeriesMax = 50_000
    /// Values offered for one label.
    package static let labelValuesMax = 200
    /// Metric names offered.
    package static let metricNamesMax = 2_000
    /// Questions of one metrics page, and characters of one.
    package static let chartQueriesMax = 10
    package static let queryCharactersMax = 8_192
    /// Lines drawn of the answer to a search; the largest stay.
    package static let answerLinesMax = 20
    /// Lines drawn of one question; the largest stay.
    package static let exploredLinesMax = 50
    /// Rows of a table of values.
    package static let tableRowsMax = 500
    /// Series looked at for exemplars, and exemplars shown of one question.
    package static let exemplarSeriesMax = 200
    package static let exemplarsMax = 100
    /// Points of one line.
    package static let chartStepsMax = 240
    /// Places that the command palette offers.
    package static let paletteRowsMax = 12
    /// Points of a line in a cell or behind a number.
    static let sparklinePointsMax = 120
    /// Rows of a table whose bars may have many parts; those of later rows have one.
    static let lampRowsMax = 200
    /// Metrics of an empty panel that are looked for.
    static let missingMetricsMax = 8
    /// Different selectors of a question that are looked at for exemplars.
    static let exemplarSelectorsMax = 10
    /// Series behind the values of a variable.
    static let variableSeriesMax = 20_000
    /// Marks on a chart, and steps at which annotations are looked for.
    static let marksMax = 200
    static let annotationStepsMax: Int64 = 500
    /// Pixels that a column of a dashboard is taken to be wide; there are 24.
    static let panelColumnPixels = 56
    /// Dashboards that stay read; each takes some times the bytes of its file.
    static let parsedDashboardsMax = 512
    /// The bytes of their files together.
    static let parsedDashboardBytesMax = 64 << 20
    /// Series that a panel's legend names.
    static let legendRowsMax = 200
    /// States that one lane of a panel shows.
    static let laneSegmentsMax = 2_000
    /// Characters of a log line in a panel.
    static let panelLineCharactersMax = 4_000
    /// Rows of each table of the cardinality view.
    package static let cardinalityRowsMax = 30
    /// Characters of a value shown in a table before it is cut.
    package static let cellCharactersMax = 400
    /// Attributes of a record among which those beside its message are chosen.
    static let attributesBesideMax = 64
    /// Characters of a value shown in full; a field can hold megabytes.
    package static let valueCharactersMax = 16_384
}
