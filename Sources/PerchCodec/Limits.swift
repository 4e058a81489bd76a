/// The numbers of this target, in one place.
enum Limits {
    /// The step in which output is produced: what a bomb can overshoot the limit by.
    static let chunkBytes = 64 * 1024
    /// Zstandard windows up to 2^27 bytes, the limit of its command line tool's default; a frame
    /// that asks for more memory is refused.
    static let zstdWindowLog: Int32 = 27
}
