import Synchronization
import Testing

@testable import Perch

private struct Broken: Error {}

private final class Watched: Error, Sendable {
    static let alive = Atomic(0)

    init() { Self.alive.add(1, ordering: .relaxed) }
    deinit { Self.alive.subtract(1, ordering: .relaxed) }
}

/// Reports have the stack of the `throw`, not that of who reported it (ERR-3, ERR-13).
///
/// One after the other: whether throws are noted holds for the process.
@Suite(.serialized) struct ThrowSiteTests {
    @inline(never)
    private static func fail(_ depth: Int) throws {
        guard depth > 0 else { throw Broken() }
        try fail(depth - 1)
    }

    @inline(never)
    private static func failLater() async throws {
        await Task.yield()
        try fail(1)
    }

    private static func functions(of error: any Error) -> [String] {
        guard let site = ThrowSite(of: error) else { return [] }
        let rules = FrameRules(inAppModules: [], program: StackTrace.program)
        return StackTrace.of(site).readable(rules).frames.compactMap(\.function)
    }

    @Test("The place of a throw is known where the error is caught, further out")
    func theThrow() {
        ThrowSite.note(true)
        do {
            try Self.fail(2)
        } catch {
            let functions = Self.functions(of: error)
            #expect(functions.prefix(3).allSatisfy { $0 == "static ThrowSiteTests.fail(_:)" })
            #expect(functions.count > 4 && functions[3] == "ThrowSiteTests.theThrow()")
        }
    }

    @Test("After a wait the functions that wait for it follow")
    func asynchronous() async {
        ThrowSite.note(true)
        await ThrowSite.learn()
        do {
            try await Self.failLater()
        } catch {
            let functions = Self.functions(of: error)
            #expect(functions.first == "static ThrowSiteTests.fail(_:)")
            #expect(functions.contains("static ThrowSiteTests.failLater()"))
            #expect(functions.contains("ThrowSiteTests.asynchronous()"), "\(functions)")
        }
    }

    @Test("An error that is thrown on, or taken elsewhere, keeps its first place")
    func thrownOn() async {
        ThrowSite.note(true)
        let task = Task.detached {
            do { try Self.fail(0) } catch { throw error }
        }
        do {
            try await task.value
        } catch {
            #expect(Self.functions(of: error).first == "static ThrowSiteTests.fail(_:)")
        }
    }

    @Test("An error that was never thrown has no place, whatever stood at its address before")
    func neverThrown() {
        ThrowSite.note(true)
        for _ in 0..<1000 {
            do { try Self.fail(0) } catch { #expect(ThrowSite(of: error) != nil) }
            #expect(ThrowSite(of: Broken()) == nil)
        }
    }

    @Test("Few errors stay alive, and none is lost or freed twice, from many threads")
    func bounded() async {
        ThrowSite.note(true)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<5_000 {
                        do { throw Watched() } catch { _ = ThrowSite(of: error) }
                    }
                }
            }
        }
        #expect(Watched.alive.load(ordering: .relaxed) <= 128)
    }

    @Test("Throws are noted only when reports leave the process")
    func whenReportsLeave() throws {
        // Those that note leave it switched on, as the other tests here do.
        let dsn = "http://abc@127.0.0.1:9/1"
        func notes(
            _ dsn: String?, _ configure: (inout PerchOptions) -> Void = { _ in }
        ) throws -> Bool {
            try reporting(to: dsn, Lines(), configure).errors.notesThrows
        }
        #expect(try !notes(nil))
        #expect(try !notes(nil) { $0.export.addresses[.traces] = "http://127.0.0.1:9/v1/traces" })
        #expect(try notes(nil) { $0.export.addresses[.logs] = "http://127.0.0.1:9/v1/logs" })
        #expect(
            try !notes(nil) {
                $0.export.addresses[.logs] = "http://127.0.0.1:9/v1/logs"
                $0.errors.logsReports = false
            })
        #expect(try notes(dsn))
        #expect(try !notes(dsn) { $0.errors.notesThrows = false })
    }

    @Test("Switched off, nothing is noted")
    func off() {
        ThrowSite.note(false)
        defer { ThrowSite.note(true) }
        do { try Self.fail(0) } catch { #expect(ThrowSite(of: error) == nil) }
    }
}
