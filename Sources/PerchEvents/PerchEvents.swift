// PerchEvents: the store of events, that is logs and spans.
//
// It keeps rows with fields, in the order of the write log, durable before they are visible. It
// does not decide who may write or what is too old (PerchIngest), and knows no query language.
//
// Read in this order: EventStore, EventHead, EventBlock, EventStore+Reading, EventReader, EventPile,
// EventScan, EventPayload, Segments/EventSegment, Segments/SegmentWriter, Keeping/EventVisibility,
// Merging/SegmentMergePlan, Merging/SegmentMerge, Following/FollowedLog.
//
// A write:  EventStore.append → EventPayload.encode → WriteLog.append (durable) → EventHead.add
// A read:   EventStore.read → EventHead.snapshot (blocks, segments, held files) → EventReader,
//           part by part → EventSegment.rows, or EventPayloadDecoder for files not in memory
//           → EventPile, which merges; without an order EventScan, which does not
//           Of a block: token filter → bounds → conditions on entries, patterns, values, as bits of
//           a RowMask → only the rows and columns asked for, or JoinKeys, which counts rows alike,
//           or the counts that stand in the block
// A start:  EventReplay fills the head, up to its budget
// Later:    EventStore.maintain → EventFileAges, WriteLogUpkeep: old files are forgotten, then go
//           → SegmentCut: a sealed file of the log becomes a segment, and goes once its follower
//           has stored what it makes of it (FollowedLog)
//           → SegmentMergePlan, SegmentMerge: segments are written anew, alone or as one, without
//           what was deleted or is too old
// A deletion: EventStore.delete → EventDeletionList (durable) → EventVisibility narrows each part
//
// Invariants
//   1. A row is visible only when it is durable, and a batch is visible whole or not at all.
//   2. A block in a snapshot never changes; the head copies what a reader still holds.
//   3. Memory is bounded by budgets in bytes: of the head, of each read, of the replay. What left
//      the head is read back from disk with the same answers.
//   4. A row is in the write log until the segment with it is durable and has its name; where both
//      are there, the segment is the one that is read; of two segments the one of more files.
//   5. What a snapshot has stays readable until it is let go, whatever retention removes.
//   6. Who changes segments has the turnstile; EventHead.replace makes it visible at once.
//   7. Every read of a part asks EventPart.narrowed: nothing else knows deletions and retention.
//
// Locks: EventHead.state, and within it the log's queue; never held across a wait or a read.
// Formats: docs/format/event-batch.md in the frames of docs/format/write-log.md,
// docs/format/event-segment.md and docs/format/event-deletions.md.
// Limits: Limits.swift.
