extension WriteLog {
    /// What a store chooses about its log.
    package struct Options: Sendable {
        /// Which store's records these are; a log of another kind is refused.
        package var kind: UInt32
        /// The least number of a new file, where numbers are also used elsewhere.
        package var sequenceFloor: UInt64 = 1
        /// Where a file is sealed; a record is never split, so a file may grow past this by one.
        package var fileByteCountMax = Limits.writeLogFileByteCountMax
        /// Bytes that may wait before `append` refuses with `.overloaded`.
        package var pendingByteCountMax = Limits.writeLogPendingByteCountMax
        /// The longest payload.
        package var recordByteCountMax = Limits.writeLogRecordByteCountMax
        /// Bytes that are encoded before a write and sync.
        package var groupByteCountMax = Limits.writeLogGroupByteCountMax
        /// Free bytes below which `append` refuses with `.noSpace`.
        package var freeByteCountMin = Limits.freeByteCountMin
        /// The time, in nanoseconds since 1970, for the files' headers.
        package var clock: @Sendable () -> Int64
        /// A number that differs from file to file; it keeps stale bytes from passing as records.
        package var salt: @Sendable () -> UInt64

        package init(
            kind: UInt32, clock: @escaping @Sendable () -> Int64,
            salt: @escaping @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }
        ) {
            self.kind = kind
            self.clock = clock
            self.salt = salt
        }
    }
}
