import Logging
import PerchBytes
import PerchFiles
import PerchModel
import Synchronization

/// The deletions that were not carried out everywhere, and their file; see
/// docs/format/event-deletions.md.
final class EventDeletionList: Sendable {
    /// "PERCHEVD" in the order of the disk.
    private static let magic: UInt64 = 0x4456_4548_4352_4550
    private static let version: UInt32 = 1
    private static let name = "DELETIONS"

    private let files: any FileStore
    private let path: FilePath
    private let list: Mutex<[EventDeletion]>

    /// Reads the list of a folder; what its queries mean, `read` knows.
    init(
        files: any FileStore, directory: FilePath, logger: Logger,
        read: @Sendable (String) throws -> EventPredicate
    ) throws {
        self.files = files
        path = directory.child(Self.name)
        var deletions: [EventDeletion] = []
        do {
            let bytes = try files.readAll(path, byteCountMax: Limits.deletionFileByteCountMax)
            deletions = try Self.decode(bytes) { query in
                do {
                    return try read(query)
                } catch {
                    logger.error(
                        "a deletion cannot be read: all events of its times are hidden",
                        metadata: ["query": "\(query)", "error": "\(error)"])
                    return nil
                }
            }
        } catch let failure as FileFailure where failure.code == .notFound {
            // Nothing was deleted.
        } catch let failure as ByteFailure {
            logger.error(
                """
                the list of deletions is damaged; it is set aside, and what was deleted and not \
                taken out may be visible again
                """,
                metadata: ["file": "\(path.text)", "reason": "\(failure)"])
            try files.rename(path, to: FilePath.from(path.text + FileNames.damagedSuffix))
            try files.syncDirectory(directory)
        }
        list = Mutex(deletions)
    }

    var all: [EventDeletion] { list.withLock { $0 } }

    /// Writes another list and then takes it; blocks.
    func set(_ deletions: [EventDeletion]) throws(FileFailure) {
        try files.replace(path, with: Self.encode(deletions))
        list.withLock { $0 = deletions }
    }

    // MARK: Bytes

    private static func encode(_ deletions: [EventDeletion]) -> [UInt8] {
        var bytes: [UInt8] = []
        LittleEndian.append(magic, to: &bytes)
        LittleEndian.append(version, to: &bytes)
        Varint.append(UInt64(deletions.count), to: &bytes)
        for deletion in deletions {
            Varint.append(deletion.number, to: &bytes)
            Varint.append(deletion.lastLog, to: &bytes)
            bytes.append(deletion.dataset.rawValue)
            Varint.appendZigzag(deletion.times.lowerBound, to: &bytes)
            Varint.appendZigzag(deletion.times.upperBound, to: &bytes)
            ByteWriter.appendString(deletion.query, to: &bytes)
        }
        LittleEndian.append(CRC32C.checksum(bytes), to: &bytes)
        return bytes
    }

    private static func decode(
        _ bytes: [UInt8], read: (String) -> EventPredicate?
    ) throws -> [EventDeletion] {
        guard bytes.count > 16 else { throw ByteFailure.truncated(atByte: bytes.count) }
        let end = bytes.count - 4
        let sum = try LittleEndian.load(UInt32.self, from: bytes.span, at: end)
        guard sum == CRC32C.checksum(bytes[..<end]) else { throw ByteFailure.invalid(atByte: end) }
        var reader = ByteReader(bytes[..<end])
        guard try reader.read(UInt64.self) == magic else { throw ByteFailure.invalid(atByte: 0) }
        let found = try reader.read(UInt32.self)
        guard found == version else {
            throw StoreFailure.failed(
                "the list of deletions has version \(found) of its format: a newer version of "
                    + "Perch wrote it; it is left as it is")
        }
        var deletions: [EventDeletion] = []
        for _ in 0..<(try reader.readCount(elementByteCountMin: 6)) {
            let number = try reader.readVarint()
            let lastLog = try reader.readVarint()
            let dataset = Dataset(rawValue: try reader.read(UInt8.self))
            let low = try reader.readZigzag()
            let high = try reader.readZigzag()
            guard let dataset, low <= high else {
                throw ByteFailure.invalid(atByte: reader.position)
            }
            let query = try reader.readString()
            deletions.append(
                EventDeletion(
                    number: number, lastLog: lastLog, dataset: dataset, times: low..<high,
                    query: query, predicate: read(query)))
        }
        return deletions
    }
}
