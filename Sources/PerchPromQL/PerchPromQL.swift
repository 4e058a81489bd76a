// PerchPromQL: the query language of Prometheus, from text to an answer.
//
// It knows the seam of the sample store, not the store. A query is parsed to a tree with places,
// checked for its types, and evaluated series by series over all steps.
//
// Invariants
//   1. Answers are those of Prometheus 3, as its own scripts state them.
//   2. Every query has limits on samples, series, steps, time and memory.
