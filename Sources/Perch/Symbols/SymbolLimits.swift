/// What names of functions may cost.
enum SymbolLimits {
    /// Bytes of one name or path.
    static let textByteCountMax = 4096
    /// Programs and libraries whose files stay mapped.
    static let imagesMax = 256
    /// Calls that were put into one function.
    static let inlinedMax = 64
    /// Steps from an entry to the one that has its name.
    static let originsMax = 8
    /// Rows of a table of lines from one mark to the next.
    static let rowsPerSegment = 512
    /// Units, abbreviations or files that a damaged file may claim to have.
    static let entriesMax = 1 << 20
}
