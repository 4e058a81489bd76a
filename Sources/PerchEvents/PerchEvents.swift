// PerchEvents: the store of events, that is logs and spans.
//
// It keeps rows with fields, in the order of the write log, durable before they are visible. It
// does not decide who may write or what is too old (PerchIngest), and knows no query language.
//
// Read in this order: EventStore, EventHead, EventBlock, EventCursors, EventPayload.
//
// A write:  EventStore.append → EventPayload.encode → WriteLog.append (durable) → EventHead.add
// A read:   EventStore.read (snapshot of blocks and files) → EventReader, block by block, and
//           EventFileReader for files that are not in memory
// Later:    EventStore.maintain drops the blocks of old files, and old files
//
// Invariants
//   1. A row is visible only when it is durable, and a batch is visible whole or not at all.
//   2. A block in a snapshot never changes; the head copies what a reader still holds.
//   3. Only sealed files leave memory; what left is read back from disk with the same answers.
//
// Locks: EventHead.state only; never held across a wait or a read of a file.
// Formats: docs/format/event-batch.md, in the frames of docs/format/write-log.md.
// Limits: Limits.swift.
