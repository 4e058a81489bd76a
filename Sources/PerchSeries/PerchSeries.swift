// PerchSeries: the store of samples, that is numbers at times under label sets.
//
// It makes samples durable before they are visible, interns each label set once, turns what is in
// memory into immutable segments, and answers series by series. It parses no queries and decides
// about no one's rights or quotas (PerchIngest).
//
// Read in this order: SeriesStore, Head/SeriesHead, Head/HeadSeries, Head/Memtable,
// Labels/MatcherPlan, Segments/Segment, Segments/SegmentScan, SeriesReader, SeriesStore+Upkeep,
// Codec/ValueColumn.
//
// A write:  SeriesStore.write → HeadIndex.resolve (labels to refs) → SampleAdmission (times, limits)
//           → SampleEncoder on the log's thread → WriteLog (durable) → SeriesHead.commit (visible)
// A read:   SeriesStore.read (snapshot) → SeriesReader → SourceJoin over segments and memtables
//           → SegmentScan and Memtable.gather, series by series
// Later:    SeriesStore.maintain: MemtableFlush, then the log's files go; SegmentMerge; retention
//
// Invariants
//   1. A sample is visible only when it is durable, and a batch is visible whole or not at all.
//   2. Two series are one exactly when their canonical label bytes are. In the head they are
//      compared; across segments 128 bits under a secret seed stand for them.
//   3. Of two samples of a series at one time, the first in the order of the log is the answer.
//      Segments keep that order: each knows the files of the log that it took the place of.
//   4. A sample is in the write log until the segment with it is durable and listed.
//
// Locks, in this order: HeadIndex, SeriesHead, Memtable. SampleEncoder and Segment have their own,
// within none of these. The turnstile lets one task at a time change the segments.
// Formats: docs/format/sample-batch.md (in the frames of write-log.md), series-segment.md,
// series-deletions.md, manifest.md.
// Limits: Limits.swift.
