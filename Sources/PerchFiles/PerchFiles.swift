// PerchFiles: files, and the durable log that every store writes first.
//
// It reaches the file system through one seam, and offers a locked data folder, a write log and a
// manifest. It does not know what is in a record: that is the store's business.
//
// Read in this order: FileStore, LocalFiles, DataFolder, WriteLog, WriteLogWriter, WriteLogFraming,
// WriteLogScanner, WriteLogOpening, WriteLogHold, Manifest.
//
// A write:  WriteLog.append → WriteLogQueue → WriteLogWriter: encode, write, sync, commit, answer
// A start:  WriteLog.init → WriteLogOpening: finish removals, cut the torn tail, seal
// A replay: WriteLog.replay → WriteLogScanner: every intact record, in order
//
// Invariants
//   1. An append that returned is in a file, synced, and a crash does not lose it.
//   2. Only the log's thread writes, seals and removes files, and only it has the manifest.
//   3. After a sync of records that failed nothing more is written: it is never tried again.
//      What fails between two files, where nothing new stands, passes and is tried again.
//   4. A record is taken for one only with its checksums, its place, and its file's salt.
//
// Locks: WriteLogQueue.state and LocalFile.descriptor; neither is held while the other is taken.
// Formats: docs/format/write-log.md, docs/format/manifest.md, docs/format/data-folder.md.
// Limits: Limits.swift. File names: FileNames.swift.
