/// The bounds of an import.
enum ImportLimits {
    /// Bytes that are read from a file at once.
    static let pieceByteCount = 256 << 10
    /// Bytes of a line.
    static let lineByteCountMax = 1 << 20
    /// Bytes of lines that are sent in one request.
    static let batchByteCount = 4 << 20
    /// Lines that are not understood before the import stops.
    static let malformedMax = 20
    /// How often a request is tried while the server is busy or away.
    static let attemptCountMax = 60
    /// Seconds between two attempts, where the server does not say.
    static let retrySeconds = 5
    /// Seconds between two lines of progress.
    static let progressSeconds = 5
}
