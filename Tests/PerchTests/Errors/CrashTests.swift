import PerchModel
import Synchronization
import SystemPackage
import Testing

@testable import Perch

#if os(Linux)
    import Foundation

    /// What is left of a process that died, and what the next one makes of it (ERR-1).
    @Suite(.serialized)
    struct CrashTests {
        private struct Failure: Error {}

        static var program: String {
            get throws {
                var folder = URL(filePath: ProcessInfo.processInfo.arguments.first ?? "")
                for _ in 0..<4 {
                    folder.deleteLastPathComponent()
                    let path = folder.appending(path: "PerchCrashProgram").path()
                    if FileManager.default.isExecutableFile(atPath: path) { return path }
                }
                throw Failure()
            }
        }

        private static func run(
            _ way: String, _ dsn: String, _ folder: String, output: Pipe? = nil,
            whileRunning: (Process) async throws -> Void = { _ in }
        ) async throws -> (status: Int32, isSignal: Bool) {
            let process = Process()
            process.executableURL = URL(filePath: try program)
            process.arguments = way.isEmpty ? [] : [way]
            process.environment = [
                "SENTRY_DSN": dsn, "SENTRY_RELEASE": "program@1", "PERCH_CRASH_FOLDER": folder,
                "LOG_LEVEL": "info", "SWIFT_BACKTRACE": "enable=no",
                "LD_LIBRARY_PATH": ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? "",
            ]
            process.standardOutput = output.map { $0 as Any } ?? FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            let ends = AsyncStream<Void>.makeStream()
            process.terminationHandler = { _ in ends.continuation.finish() }
            try process.run()
            try await whileRunning(process)
            for await _ in ends.stream {}
            return (process.terminationStatus, process.terminationReason == .uncaughtSignal)
        }

        private func inFolder(_ body: (String) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory
                .appending(path: "perch-crash-test-\(UUID().uuidString)").path()
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await body(folder)
        }

        private func files(_ folder: String) -> [String] {
            (try? FileManager.default.contentsOfDirectory(atPath: folder + "/perch-crash")) ?? []
        }

        @Test(
            "ERR-1, LIFE-4: each way to die leaves one report, which the next start sends once, with its stack",
            arguments: [
                ("fatalError", 4, "Fatal error"), ("index", 4, ""), ("null", 11, "Bad memory"),
                ("abort", 6, "Abort"), ("overflow", 11, "Stack overflow"),
            ] as [(String, Int32, String)])
        func death(_ way: String, _ signal: Int32, _ message: String) async throws {
            let server = EnvelopeServer()
            try await inFolder { folder in
                try await server.serve { dsn in
                    let first = try await Self.run(way, dsn, folder)
                    #expect(first.isSignal)
                    #expect(first.status == signal || first.status == 5)
                    #expect(files(folder).count == 1)
                    let second = try await Self.run("", dsn, folder)
                    #expect(second.status == 0)
                    #expect(files(folder).isEmpty)
                }
            }
            let events = server.items("event")
            #expect(events.count == 1)
            let event = try #require(events.first)
            #expect(event["level"]?.text == "fatal")
            #expect(event["release"]?.text == "program@1")
            let failure = try #require(event["exception"]?["values"]?.elements.first)
            #expect(failure["value"]?.text.hasPrefix(message) == true)
            #expect(failure["mechanism"]?["handled"]?.text == "false")
            let functions = (failure["stacktrace"]?["frames"]?.elements ?? []).map {
                ($0["function"]?.text ?? "?", $0["in_app"]?.text == "true")
            }
            let inner = way == "overflow" ? "Work.deeper(_:)" : "Work.die()"
            #expect(functions.contains { $0 == (inner, true) }, "\(functions)")
            if way != "overflow", way != "abort" {
                #expect(functions.contains { $0 == ("Work.run()", true) }, "\(functions)")
            }
            let crumbs = event["breadcrumbs"]?["values"]?.elements ?? []
            #expect(crumbs.contains { $0["message"]?.text == "about to \(way)" })
            #expect(server.all.allSatisfy { !$0.text.contains("hunter22") })
            let states = server.items("session").filter { $0["status"]?.text == "crashed" }
            #expect(states.count == 1)
        }

        @Test("LIFE-1, LIFE-2: an error that leaves the main task arrives before the end, once")
        func mainTask() async throws {
            let server = EnvelopeServer()
            try await inFolder { folder in
                try await server.serve { dsn in
                    let first = try await Self.run("throw", dsn, folder)
                    #expect(first.status != 0)
                    #expect(server.items("event").count == 1)
                    _ = try await Self.run("", dsn, folder)
                }
            }
            let events = server.items("event")
            #expect(events.count == 1)
            let failure = events.first?["exception"]?["values"]?.elements.first
            #expect(failure?["type"]?.text == "ProgramError")
            #expect(failure?["mechanism"]?["type"]?.text == "main")
            #expect(failure?["mechanism"]?["handled"]?.text == "false")
        }

        @Test("LIFE-3: SIGTERM under load: what was captured arrives once, and no report is left")
        func terminated() async throws {
            let server = EnvelopeServer()
            try await inFolder { folder in
                try await server.serve { dsn in
                    let end = try await Self.run("serve", dsn, folder) { process in
                        for _ in 0..<1000 where server.items("event").isEmpty {
                            try await Task.sleep(for: .milliseconds(10))
                        }
                        process.terminate()
                    }
                    #expect(end.status == 0)
                    #expect(!end.isSignal)
                    #expect(files(folder).isEmpty)
                }
            }
            let messages = server.items("event").map { $0["logentry"]?["formatted"]?.text ?? "" }
            #expect(messages == ["", "last words"])
            #expect(server.items("session").map { $0["status"]?.text } == ["ok", "exited"])
        }

        @Test("DEP-4, LOG-1: standard output has lines of JSON and nothing else, to the last one")
        func standardOutput() async throws {
            let server = EnvelopeServer()
            let output = Pipe()
            try await inFolder { folder in
                try await server.serve { dsn in
                    let end = try await Self.run("throw", dsn, folder, output: output)
                    #expect(end.status != 0)
                }
            }
            let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            let lines = text.split(separator: "\n")
            #expect(lines.count >= 2)
            #expect(text.hasSuffix("\n"))
            for line in lines { #expect(JSONValue(String(line))?["level"] != nil, "\(line)") }
            // What drains cannot do: ask for what was not flushed.
            #expect(lines.contains { $0.contains("ProgramError") })
        }

        @Test("A process that was killed leaves a session that broke off, and no error")
        func killed() async throws {
            let server = EnvelopeServer()
            try await inFolder { folder in
                try await server.serve { dsn in
                    _ = try await Self.run("serve", dsn, folder) { process in
                        while files(folder).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
                        try await Task.sleep(for: .milliseconds(300))
                        kill(process.processIdentifier, SIGKILL)
                    }
                    _ = try await Self.run("", dsn, folder)
                }
            }
            let states = server.items("session").compactMap { $0["status"]?.text }
            #expect(states.filter { $0 == "abnormal" }.count == 1)
            #expect(
                !server.items("event").contains {
                    $0["exception"]?["values"]?.elements.first?["mechanism"]?["type"]?.text
                        == "signalhandler"
                })
        }

        @Test("Files that are none of ours, torn or hostile, are read without harm")
        func badFiles() {
            #expect(CrashStory(Array("hello".utf8)) == nil)
            #expect(CrashStory(Array("perch-crash 1\nid 12\n".utf8)) == nil)
            let id = String(repeating: "a", count: 32)
            var story = CrashStory(id: id, session: id, start: 5)
            story.release = "a\nsignal 4 1 0"
            var bytes = story.header
            bytes += "async -1 12\nasync 99999999999999999999 1\nframe zz\nsignal 11 x y\n\n".utf8
            bytes += "note \u{0}\u{ff}\nsignal 11 1 8\nframe 10\nunwound 5\nfra".utf8
            let read = CrashStory(bytes)
            #expect(read?.signal?.number == 11)
            #expect(read?.frames == [16])
            #expect(read?.stack == [16])
            #expect(read?.release == "a signal 4 1 0")
            for end in 0..<bytes.count { _ = CrashStory(Array(bytes[..<end])) }
        }

        @Test("Tables of the C library lead to where frame pointers go on")
        func merge() {
            let id = String(repeating: "a", count: 32)
            var story = CrashStory(id: id, session: id, start: 5)
            story.frames = [10, 40, 50]
            story.unwound = [1, 2, 10, 20, 30, 40, 45]
            #expect(story.stack == [10, 20, 30, 40, 50])
            story.unwound = []
            #expect(story.stack == [10, 40, 50])
            story.frames = [10]
            story.unwound = [1, 10, 20]
            #expect(story.stack == [10, 20])
        }
    }
#endif
