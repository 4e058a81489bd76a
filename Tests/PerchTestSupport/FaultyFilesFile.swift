import PerchFiles

/// A file of `FaultyFiles`, open for writing.
struct FaultyWritableFile: WritableFile {
    private let files: FaultyFiles
    private let base: any WritableFile

    init(_ files: FaultyFiles, _ base: any WritableFile) {
        self.files = files
        self.base = base
    }

    func write(_ bytes: Span<UInt8>, at offset: Int) throws(FileFailure) {
        if let (byteCount, failure) = try files.step(.write) {
            try base.write(
                bytes.extracting(first: max(0, min(byteCount, bytes.count))), at: offset)
            throw failure
        }
        try base.write(bytes, at: offset)
    }

    func preallocate(byteCount: Int) throws(FileFailure) {
        _ = try files.step(.preallocate)
        try base.preallocate(byteCount: byteCount)
    }

    func sync() throws(FileFailure) {
        _ = try files.step(.sync)
        try base.sync()
    }

    func truncate(to byteCount: Int) throws(FileFailure) {
        _ = try files.step(.truncate)
        try base.truncate(to: byteCount)
    }

    func close() { base.close() }
}

/// A file of `FaultyFiles`, open for reading.
struct FaultyReadableFile: ReadableFile {
    private let files: FaultyFiles
    private let base: any ReadableFile

    init(_ files: FaultyFiles, _ base: any ReadableFile) {
        self.files = files
        self.base = base
    }

    func byteCount() throws(FileFailure) -> Int {
        _ = try files.step(.size)
        return try base.byteCount()
    }

    func read(at offset: Int, byteCount: Int) throws(FileFailure) -> [UInt8] {
        _ = try files.step(.read)
        return try base.read(at: offset, byteCount: byteCount)
    }

    func close() { base.close() }
}
