import ArgumentParser
import Foundation
import PerchPromQL

/// Tools for those who work on Perch.
struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run test scripts.", shouldDisplay: false, subcommands: [PromQL.self])

    /// Runs scripts in the format of Prometheus' own tests.
    struct PromQL: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "promql", abstract: "Run scripts in Prometheus' .test format.")

        @Argument(help: "The scripts.")
        var files: [String]

        func run() async throws {
            var passed = 0
            var failed = 0
            for file in files {
                let text = try String(contentsOf: URL(filePath: file), encoding: .utf8)
                let report = await ScriptRunner.run(text)
                passed += report.passedCount
                failed += report.failures.count
                for failure in report.failures {
                    print("\(file):\(failure.line): \(failure.message)")
                }
            }
            print("\(passed) passed, \(failed) failed")
            if failed > 0 { throw ExitCode.failure }
        }
    }
}
