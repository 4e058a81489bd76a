import Foundation
import Testing

/// One wrong byte in each file of the store of samples: the real binary starts, says what is wrong,
/// and answers with nothing that was never sent.
@Suite struct DamageTests {
    private static let names = ["kept", "cut", "later"]
    private static let perName = 50

    /// Values that tell their series and time, so that one that is made up is noticed.
    private static func value(_ name: Int, _ index: Int) -> Int { name * 1_000_000 + index * 7 }

    private static func write(_ address: String, name: Int, _ start: Int) async throws {
        var text = "# HELP \(names[name]) What it is.\n# TYPE \(names[name]) gauge\n"
        for index in 0..<perName {
            text += "\(names[name]){part=\"p\"} \(value(name, index)) \(start + index * 1_000)\n"
        }
        let answer = try await HTTP.post(
            "\(address)/api/v1/import/prometheus", Array(text.utf8),
            headers: [("Content-Type", "text/plain")])
        #expect(answer.status == 204, "\(answer.text)")
    }

    /// A folder with two segments, a deletion that is not carried out yet, and a write log.
    private static func fill(_ path: String, _ start: Int) async throws {
        let server = try await PerchProcess.start(dataPath: path)
        defer { server.kill() }
        try await write(server.address, name: 0, start)
        #expect(try await HTTP.post("\(server.address)/-/flush", []).status == 200)
        try await write(server.address, name: 1, start)
        #expect(try await HTTP.post("\(server.address)/-/flush", []).status == 200)
        let form = "match%5B%5D=cut&end=\(start / 1_000 + 20)"
        let deleted = try await HTTP.post(
            "\(server.address)/api/v1/admin/tsdb/delete_series", Array(form.utf8),
            headers: [("Content-Type", "application/x-www-form-urlencoded")])
        #expect(deleted.status == 204, "\(deleted.text)")
        try await write(server.address, name: 2, start)
    }

    private static func files(_ path: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path + "/series")
            .filter { name in
                var isFolder: ObjCBool = false
                // Safe: the call writes to the variable and keeps no pointer.
                let exists = unsafe FileManager.default.fileExists(
                    atPath: "\(path)/series/\(name)", isDirectory: &isFolder)
                return exists && !isFolder.boolValue
            }.sorted()
    }

    /// Changes a byte of what a file holds; its end may be zeros that wait to be written.
    private static func damage(_ file: String, part: Double) throws -> Bool {
        var data = try Data(contentsOf: URL(filePath: file))
        guard let last = data.lastIndex(where: { $0 != 0 }) else { return false }
        data[Int(Double(last) * part)] ^= 0x20
        try data.write(to: URL(filePath: file))
        return true
    }

    /// Samples by name; records those that nobody sent.
    private static func stored(_ address: String, _ start: Int, _ what: String) async throws
        -> [String: Int]
    {
        var counts: [String: Int] = [:]
        let answer = try await HTTP.get("\(address)/api/v1/export?match=part%3Dp")
        #expect(answer.status == 200, "\(what): \(answer.text)")
        for line in answer.lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let name = (object?["metric"] as? [String: String])?["__name__"] ?? ""
            let number = try #require(names.firstIndex(of: name), "\(what): \(name)")
            let times = object?["timestamps"] as? [Int] ?? []
            let values = object?["values"] as? [Int] ?? []
            #expect(times.count == values.count)
            for (time, value) in zip(times, values) {
                #expect(
                    value == Self.value(number, (time - start) / 1_000), "\(what): made up")
            }
            counts[name, default: 0] += times.count
        }
        return counts
    }

    @Test(.timeLimit(.minutes(10)))
    func aWrongByteInAnyFileCostsLittle() async throws {
        let folder = try TemporaryFolder()
        let whole = folder.path + "/whole"
        let start = Int(Date().timeIntervalSince1970) * 1_000 - 600_000
        try await Self.fill(whole, start)
        let files = try Self.files(whole)
        for ending in [".seg", ".log", "MANIFEST", "DELETIONS"] {
            #expect(files.contains { $0.hasSuffix(ending) }, "\(ending) in \(files)")
        }
        var tried = 0
        for file in files {
            for part in [0, 0.4, 0.9] {
                let path = folder.path + "/damaged"
                try? FileManager.default.removeItem(atPath: path)
                try FileManager.default.copyItem(atPath: whole, toPath: path)
                guard try Self.damage("\(path)/series/\(file)", part: part) else { continue }
                tried += 1
                try await Self.expectServed(path, "\(file) at \(part)", start)
            }
        }
        #expect(tried >= 12)
    }

    private static func expectServed(_ path: String, _ what: String, _ start: Int) async throws {
        let server = try await PerchProcess.start(dataPath: path)
        defer { server.kill() }
        let counts = try await stored(server.address, start, what)
        let (kept, cut, later) = (counts["kept"] ?? 0, counts["cut"] ?? 0, counts["later"] ?? 0)
        // One file is wrong, so of the three at most one is short.
        let missing = [kept < perName, cut < perName - 21, later < perName].count { $0 }
        #expect(missing <= 1, "\(what): \(counts)")
        if missing > 0 || cut > perName - 21 {
            #expect(server.log.contains("damaged"), "\(what), \(counts): \(server.log)")
        }
        try await write(server.address, name: 2, start + perName * 1_000)
        let after = try await HTTP.get(
            "\(server.address)/api/v1/query?query=count_over_time(later%5B30m%5D)&time="
                + "\(start / 1_000 + 2 * perName)"
        ).text
        #expect(after.contains("\"\(later + perName)\"]"), "\(what): \(after)")
    }
}
