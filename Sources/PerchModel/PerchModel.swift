// PerchModel: the vocabulary of Perch, and the seams between engines and stores.
//
// Everything is a sample (a number at a time, in a series) or an event (a time with fields). This
// target says what those are, how a batch of them looks, and what a store promises to whoever
// writes to it or reads from it. It does no I/O and knows no store, protocol or engine.
//
// Read in this order: Events/EventBatch, Events/EventBatchBuilder, Events/EventQuery,
// Events/EventStore, then Samples/ in the same order.
//
// Invariants
//   1. Nothing row-shaped crosses a seam: writes and reads are columns.
//   2. A column's `rows` ascend strictly; a batch's columns are unique by space, name and kind.
//   3. `append` of a sink returns only when the batch is durable.
//
// Units: event times and durations are nanoseconds since 1970, sample times are milliseconds.
