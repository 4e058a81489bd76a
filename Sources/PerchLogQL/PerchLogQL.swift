// PerchLogQL: questions about events, in the language of the search box and in LogQL.
//
// Search turns what a person types, `service:api level:error "timed out" status>=500`, into an
// ``EventPredicate`` that any ``EventSource`` understands. LogQL is what Loki's clients send. Both
// know no store.
//
// Read in this order: Search/: SearchParser, SearchLexer, SearchTerm (what a field and its value
// mean), SearchField (what applies to any field), SearchQuantity, SearchTime, SearchPattern,
// SearchFailure. LogLevel (severity ranges and names).
// The other folders:
//
//   - Grouping: rows of batches to numbers of groups (EventGrouper) and of stretches of time
//     (TimeBuckets), by entries of dictionaries where there are some.
//   - Pipes: what stands behind a search's bars (PipeParser, SearchQuery) and its answer
//     (SearchRunner: StatsCollector for figures, SearchRowRunner for rows, MessagePattern for forms).
//   - LogQL/Syntax: text to LogQLExpression (LogQLLexer, LogQLParser) and back (LogQLPrinter).
//   - LogQL/Plan: labels to fields (LabelCatalog), conditions to predicates.
//   - LogQL/Pipeline: what happens to one line (LinePlan, RowRunner). LogQL/Template: its templates.
//   - LogQL/Discovery: which fields and forms lines have (DetectedFields, DetectedPatterns).
//   - LogQL/Evaluation: LogTail (lines of batches that were just stored); LogQLEngine; RangePlan, RangeScan (counts by group and step, from columns)
//     and RangeResult for ranges; VectorAggregation, BinaryEvaluation for what is made of them.
//
//     text → SearchLexer (tokens with positions) → SearchParser (and, or, not, times)
//          → SearchTerm (aliases such as `service`, `level`, `status`) → EventPredicate
//
// Invariants
//   1. Any text either parses or throws a failure with a position; nothing traps.
//   2. Work and depth are bounded by Limits.
//
// Languages: docs/search.md, docs/logql.md. Limits: Limits.swift.
