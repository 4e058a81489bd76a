// PerchPromQL: the query language of Prometheus, from text to an answer.
//
// It knows the seam of the sample store, not the store, and no HTTP: routes give it text and
// times, and write what `Answer` makes of the result.
//
// Read in this order: Syntax/Parser (text to QueryExpression), Evaluation/QueryEngine (the door),
// Evaluation/Preparation, Evaluation/Evaluator and its extensions, Functions/RangeKernel,
// Histograms/HistogramSum, Answer/AnswerWriter. Testing/ScriptRunner runs Prometheus' scripts.
//
// A query: Parser.parse → Preparation (durations and times become numbers) → Evaluator, which
// reads series from the source one by one, works on each over all steps, and hands it on.
// Aggregations add it up at once; only what needs all series at a time holds them.
//
// Invariants
//   1. Answers are those of Prometheus 3, as its own scripts state them, with the removal of names
//      put off to the end of the query.
//   2. A step without a number holds the bits of a staleness marker; no calculation makes them.
//   3. Every query has limits on samples, series, bytes, steps, nesting and time, and is stopped
//      when its task is cancelled. Nothing that is read in a query or from the source may trap.
//
// Limits: Limits.swift. What is accepted and answered: docs/protocols/promql.md.
