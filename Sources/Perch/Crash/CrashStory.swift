import PerchModel

/// What a file of a process that is gone says: who it was, and how it died.
///
/// Text, a fact a line; the first lines are written at the start, the rest by the handler of
/// signals (`CPerchCrash`). A line that means nothing is skipped: the writer was dying.
struct CrashStory: Sendable {
    /// The id of the report, chosen at the start, so that it is sent under one id however often.
    var id: String
    var session: String
    /// Nanoseconds since 1970.
    var start: Int64
    var release: String?
    var environment: String?
    /// The modules, as the runtime writes them.
    var images = ""
    /// Whether the process said that it ends.
    var hasEnded = false
    /// The fatal signal, with its code and the address that was touched.
    var signal: (number: Int, code: Int32, address: UInt64)?
    var thread: Int?
    var time: Int64?
    var frames: [UInt64] = []
    /// Who waits for an asynchronous call, by its index in `frames`.
    var waiters: [Int: [UInt64]] = [:]
    var unwound: [UInt64] = []
    var notes: [String] = []

    init(id: String, session: String, start: Int64) {
        self.id = id
        self.session = session
        self.start = start
    }

    /// The lines that are written at the start.
    var header: [UInt8] {
        var text = "perch-crash 1\nid \(id)\nsession \(session)\nstart \(start)\n"
        if let release { text += "release \(Self.line(release))\n" }
        if let environment { text += "environment \(Self.line(environment))\n" }
        return Array((text + "images \(images)\n").utf8)
    }

    /// The line that says that the process ends as it should.
    static let ended = Array("ended\n".utf8)

    private static func line(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }

    /// Reads a file; nil when it is none of ours.
    init?(_ bytes: [UInt8]) {
        var lines = bytes.split(separator: 0x0a)[...]
        guard lines.popFirst()?.elementsEqual("perch-crash 1".utf8) == true else { return nil }
        self.init(id: "", session: "", start: 0)
        for line in lines.prefix(4096) {
            let text = String(decoding: line, as: UTF8.self)
            let words = text.split(separator: " ", maxSplits: 1)
            guard let name = words.first else { continue }
            read(name, words.count == 2 ? String(words[1]) : "")
        }
        guard Self.isID(id), Self.isID(session) else { return nil }
    }

    private static func isID(_ text: String) -> Bool {
        text.utf8.count == 32 && Hex.decode(text.utf8) != nil
    }

    private mutating func read(_ name: Substring, _ value: String) {
        switch name {
        case "id": id = value
        case "session": session = value
        case "start": start = Int64(value) ?? 0
        case "release": release = value
        case "environment": environment = value
        case "images": images = value
        case "ended": hasEnded = true
        case "thread": thread = Int(value)
        case "time": time = Int64(value)
        case "note": notes.append(value)
        case "frame": append(value, to: &frames)
        case "unwound": append(value, to: &unwound)
        case "async":
            let words = value.split(separator: " ")
            guard words.count == 2, let index = Int(words[0]), index >= 0 else { return }
            append(String(words[1]), to: &waiters[index, default: []])
        case "signal":
            let words = value.split(separator: " ")
            guard words.count == 3, signal == nil, let number = Int(words[0]),
                let code = UInt32(words[1]), let address = UInt64(words[2], radix: 16)
            else { return }
            signal = (number, Int32(bitPattern: code), address)
        default: break
        }
    }

    private func append(_ value: String, to list: inout [UInt64]) {
        guard let address = UInt64(value, radix: 16), list.count < 512 else { return }
        list.append(address)
    }

    /// The calls, the innermost first: by frame pointers, and by the C library's tables where
    /// those say more, as they do when the signal came out of the C library.
    var stack: [UInt64] {
        guard let pc = frames.first else { return [] }
        // The tables begin inside the handler.
        let tables = unwound.firstIndex(of: pc).map { Array(unwound[$0...]) } ?? []
        let known = Set(frames.dropFirst())
        // Where both agree, frame pointers go on.
        guard let place = tables.indices.dropFirst().first(where: { known.contains(tables[$0]) }),
            let meeting = frames.dropFirst().firstIndex(of: tables[place])
        else { return tables.count > frames.count ? tables : frames }
        return Array(tables[..<place] + frames[meeting...])
    }
}
