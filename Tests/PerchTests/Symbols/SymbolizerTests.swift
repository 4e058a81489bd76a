import Foundation
import PerchModel
import Testing

@testable import Perch

#if os(Linux)
    /// Names and lines of addresses, out of programs' own files (ERR-1).
    struct SymbolizerTests {
        private static var program: String {
            URL(filePath: ProcessInfo.processInfo.arguments.first ?? "").path()
        }

        private static let line = Int(#line) + 4

        @inline(never)
        private func here() -> [StackFrame] {
            StackTrace.current().readable(FrameRules(inAppModules: [])).frames
        }

        @Test("The caller is found with its file and line, and so is who called it")
        func caller() throws {
            let frames = here()
            let inner = try #require(frames.first)
            #expect(inner.function == "SymbolizerTests.here()")
            #expect(inner.line == Self.line)
            #expect(inner.file?.hasSuffix("Symbols/SymbolizerTests.swift") == true)
            #expect(frames.dropFirst().first?.function == "SymbolizerTests.caller()")
            // What has no debug information has its name still.
            #expect(frames.contains { $0.file == nil && $0.function != nil })
        }

        @Test("A closure that was put into its caller is a call of its own")
        func inlined() {
            @inline(__always) func inner() -> StackTrace { StackTrace.current() }
            let frames = inner().readable(FrameRules(inAppModules: [])).frames
            let names = frames.prefix(2).compactMap(\.function)
            #expect(names.first?.hasPrefix("inner #1 () in SymbolizerTests.inlined()") == true)
            #expect(names.last == "SymbolizerTests.inlined()")
        }

        @Test("Files that are no programs, cut short or damaged, give no names and no fault")
        func damaged() throws {
            let source = [UInt8](
                try Data(contentsOf: URL(filePath: try CrashTests.program)))
            let image = try #require(ObjectImage(path: try CrashTests.program))
            let sections = [".debug_info", ".debug_abbrev", ".debug_line", ".symtab"]
            let folder = FileManager.default.temporaryDirectory
                .appending(path: "perch-symbols-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            func look(_ bytes: ArraySlice<UInt8>) throws {
                let file = folder.appending(path: "x")
                try Data(bytes).write(to: file)
                guard let image = ObjectImage(path: file.path()) else { return }
                for offset in stride(from: UInt64(0), to: 1 << 20, by: 1 << 17) {
                    _ = image.places(at: offset)
                }
                _ = image.places(at: .max)
            }
            #expect(ObjectImage(path: folder.path()) == nil)
            #expect(ObjectImage(path: folder.path() + "/none") == nil)
            for end in [0, 3, 63, 64, 4096, source.count / 2, source.count - 100] {
                try look(source[..<end])
            }
            var random = SystemRandomNumberGenerator()
            for section in sections {
                let range = image.section(section)
                guard !range.isEmpty else { continue }
                var bytes = source
                for _ in 0..<64 {
                    bytes[Int.random(in: range, using: &random)] = .random(in: 0...255)
                }
                for place in range.prefix(16) { bytes[place] = .random(in: 0...255) }
                try look(bytes[...])
            }
        }

        @Test("A look at a program that was looked at before takes well below a millisecond")
        func again() {
            let trace = StackTrace.current()
            let rules = FrameRules(inAppModules: [])
            _ = trace.readable(rules)
            let start = ContinuousClock.now
            _ = trace.readable(rules)
            // Without optimization and beside other tests; optimized it takes a hundredth.
            #expect(ContinuousClock.now - start < .milliseconds(100))
        }
    }
#endif
