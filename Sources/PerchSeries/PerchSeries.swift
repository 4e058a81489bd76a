// PerchSeries: the store of samples, that is numbers at times under label sets.
//
// It keeps samples durable before they are visible, interns each label set once, and answers
// series by series. It parses no queries and decides about no one's rights or limits (PerchIngest).
//
// Read in this order: SeriesStore, ByteTable, SeriesIndex, SampleBlock, SeriesHead, SeriesReader,
// SamplePayload.
//
// A write:  SeriesStore.append → SeriesHead.resolve (labels to refs) → SampleEncoder on the log's
//           thread → WriteLog (durable) → SeriesHead.add (visible from here)
// A read:   SeriesStore.read (snapshot of refs and blocks) → SeriesReader, in label order
// Later:    SeriesStore.maintain drops the blocks of old files, and old files
//
// Invariants
//   1. A sample is visible only when it is durable, and a batch is visible whole or not at all.
//   2. Two series are one exactly when their canonical label bytes are: a hash is always verified.
//   3. Of two samples of a series at one time, the first in the order of the log is the answer.
//
// Locks: SeriesHead.state and SampleEncoder.state, never one within the other.
// Formats: docs/format/sample-batch.md, in the frames of docs/format/write-log.md.
// Limits: Limits.swift.
