import PerchFiles

/// The content of a file, and what of it is durable.
struct Inode: Sendable {
    /// A change that a loss of power may undo, wholly or in part.
    enum Change: Sendable {
        case wrote([UInt8], at: Int)
        case resized(Int)
    }

    var content: [UInt8] = []
    var durable: [UInt8] = []
    var unsynced: [Change] = []

    mutating func write(_ bytes: [UInt8], at offset: Int) {
        Self.write(bytes, at: offset, in: &content)
        unsynced.append(.wrote(bytes, at: offset))
    }

    mutating func resize(to byteCount: Int) {
        Self.resize(&content, to: byteCount)
        unsynced.append(.resized(byteCount))
    }

    mutating func makeDurable() {
        durable = content
        unsynced = []
    }

    /// Only the durable part, with any part of the rest if there is a generator.
    func crashed(_ generator: inout SeededGenerator?) -> Inode {
        var bytes = durable
        if var random = generator {
            for change in unsynced {
                switch change {
                case .resized(let byteCount):
                    if Bool.random(using: &random) { Self.resize(&bytes, to: byteCount) }
                case .wrote(let written, let offset):
                    Self.tear(written, at: offset, in: &bytes, &random)
                }
            }
            generator = random
        }
        return Inode(content: bytes, durable: bytes)
    }

    /// All, none, the first few bytes, or any of the sectors.
    private static func tear(
        _ written: [UInt8], at offset: Int, in bytes: inout [UInt8],
        _ random: inout SeededGenerator
    ) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: break
        case 1: write(written, at: offset, in: &bytes)
        case 2:
            let count = Int.random(in: 0...written.count, using: &random)
            write(Array(written.prefix(count)), at: offset, in: &bytes)
        default:
            let sector = 64
            for start in stride(from: 0, to: written.count, by: sector)
            where Bool.random(using: &random) {
                let end = min(start + sector, written.count)
                write(Array(written[start..<end]), at: offset + start, in: &bytes)
            }
        }
    }

    private static func write(_ written: [UInt8], at offset: Int, in bytes: inout [UInt8]) {
        if bytes.count < offset + written.count { resize(&bytes, to: offset + written.count) }
        bytes.replaceSubrange(offset..<(offset + written.count), with: written)
    }

    private static let zeros = [UInt8](repeating: 0, count: 1 << 16)

    private static func resize(_ bytes: inout [UInt8], to byteCount: Int) {
        if byteCount < bytes.count {
            bytes.removeSubrange(byteCount...)
        }
        // By arrays, which are copied as memory also without optimisation: stores preallocate much.
        while bytes.count < byteCount {
            let rest = byteCount - bytes.count
            if rest >= zeros.count {
                bytes.append(contentsOf: zeros)
            } else {
                bytes.append(contentsOf: Array(zeros[..<rest]))
            }
        }
    }
}

/// The names and files of `InMemoryFiles`.
struct InMemoryState: Sendable {
    enum NameChange: Sendable {
        case created(String, inode: Int)
        case removed(String)
        case renamed(from: String, to: String, inode: Int)
        case madeDirectory(String)

        func apply(to names: inout [String: Int], _ directories: inout Set<String>) {
            switch self {
            case .madeDirectory(let path): directories.insert(path)
            case .created(let path, let inode): names[path] = inode
            case .removed(let path): names[path] = nil
            case .renamed(let from, let to, let inode):
                names[from] = nil
                names[to] = inode
            }
        }
    }

    var inodes: [Int: Inode] = [:]
    var names: [String: Int] = [:]
    var durableNames: [String: Int] = [:]
    /// By folder, in order.
    var unsyncedNames: [String: [NameChange]] = [:]
    var directories: Set<String> = ["/", "."]
    var durableDirectories: Set<String> = ["/", "."]
    var locks: Set<String> = []
    var availableByteCount = 1 << 39
    private var nextInode = 0

    mutating func create(_ path: FilePath) -> Int {
        nextInode += 1
        inodes[nextInode] = Inode()
        change(.created(path.text, inode: nextInode), in: path.folder)
        return nextInode
    }

    mutating func change(_ change: NameChange, in folder: FilePath) {
        change.apply(to: &names, &directories)
        unsyncedNames[folder.text, default: []].append(change)
    }

    mutating func syncNames(in folder: FilePath) {
        for change in unsyncedNames.removeValue(forKey: folder.text) ?? [] {
            change.apply(to: &durableNames, &durableDirectories)
        }
    }

    /// What was synced in a folder that is itself gone cannot be reached any more.
    private mutating func forgetWhatIsInLostFolders() {
        for path in durableDirectories.sorted(by: { $0.utf8.count < $1.utf8.count })
        where !durableDirectories.contains(FilePath.from(path).folder.text) {
            durableDirectories.remove(path)
        }
        for path in durableNames.keys
        where !durableDirectories.contains(FilePath.from(path).folder.text) {
            durableNames[path] = nil
        }
    }

    func crashed(tornBySeed seed: UInt64?) -> InMemoryState {
        var generator = seed.map(SeededGenerator.init(seed:))
        var crashed = InMemoryState()
        crashed.durableDirectories = durableDirectories
        crashed.availableByteCount = availableByteCount
        crashed.nextInode = nextInode
        crashed.durableNames = durableNames
        if var random = generator {
            for folder in unsyncedNames.keys.sorted() {
                let changes = unsyncedNames[folder] ?? []
                let count = Int.random(in: 0...changes.count, using: &random)
                for change in changes.prefix(count) {
                    change.apply(to: &crashed.durableNames, &crashed.durableDirectories)
                }
            }
            generator = random
        }
        crashed.forgetWhatIsInLostFolders()
        crashed.names = crashed.durableNames
        crashed.directories = crashed.durableDirectories
        for inode in Set(crashed.names.values).sorted() {
            crashed.inodes[inode] = (inodes[inode] ?? Inode()).crashed(&generator)
        }
        return crashed
    }
}
