import CPerchCrash
import Logging
import Perch
import ServiceLifecycle
import UnixSignals

/// A program that dies as its first argument says, for tests of crash reports; without one it
/// sends what is left of the last and ends.
@main
struct Program {
    static func main() async throws {
        let service = try Perch.bootstrap()
        let log = Logger(label: "program")
        let way = CommandLine.arguments.dropFirst().first ?? ""
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: service),
                    .init(
                        service: Work(way: way, log: log),
                        successTerminationBehavior: .gracefullyShutdownGroup),
                ], gracefulShutdownSignals: [.sigterm], logger: log))
        try await Perch.reportingErrors {
            try await group.run()
        }
    }
}

struct ProgramError: Error {}

/// What the program does after it has begun.
private struct Work: Service {
    var way: String
    var log: Logger

    func run() async throws {
        log.info("about to \(way)", metadata: ["password": "hunter22"])
        switch way {
        case "serve": try await serve()
        case "throw": throw ProgramError()
        case "": break
        default:
            // What waits is sent first, so that a report is of the next start.
            try await Task.sleep(for: .milliseconds(1))
            await step()
        }
    }

    private func serve() async throws {
        await cancelWhenGracefulShutdown {
            var count = 0
            while !Task.isCancelled {
                count += 1
                log.info("request \(count)")
                if count == 50 { Perch.capture(ProgramError()) }
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        Perch.capture(message: "last words")
    }

    @inline(never)
    private func step() async {
        await Task.yield()
        die()
    }

    @inline(never)
    private func die() {
        log.info("now")
        switch way {
        case "fatalError":
            let stop: (@autoclosure () -> String, StaticString, UInt) -> Never = fatalError
            stop("on purpose", #file, #line)
        case "index":
            let numbers = Array(CommandLine.arguments)
            log.info("\(numbers[numbers.count + 1])")
        case "null": cperchcrash_fault()
        case "abort": cperchcrash_abort()
        case "overflow": log.info("\(deeper(0))")
        default: break
        }
    }

    @inline(never)
    private func deeper(_ depth: Int) -> Int {
        depth < 0 ? depth : deeper(depth + 1) &+ Int.random(in: 0...1)
    }
}
