import ArgumentParser
import Foundation
import Logging
import PerchServer
import UnixSignals

extension ConfigurationOptions {
    /// The source of the configuration that these options and the environment give.
    var source: ConfigurationSource {
        var overrides: [(key: String, value: String)] = []
        if let data { overrides.append(("data", data)) }
        if let listen { overrides.append(("listen", listen)) }
        if let otlpHttp { overrides.append(("otlp_http", otlpHttp)) }
        if let otlpGrpc { overrides.append(("otlp_grpc", otlpGrpc)) }
        if noAuth { overrides.append(("auth", "none")) }
        return ConfigurationSource(
            path: config, environment: ProcessInfo.processInfo.environment, overrides: overrides)
    }
}

/// Runs the server until SIGTERM or SIGINT.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the server.")

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        // A reader of our log that went away must not stop the server.
        signal(SIGPIPE, SIG_IGN)
        // Until the server takes it; a reload that was asked for so early finds the new file read.
        signal(SIGHUP, SIG_IGN)
        let source = options.source
        let configuration = try source.check()
        LoggingSystem.bootstrap { JSONLogHandler(label: $0) }
        JSONLogHandler.setLevel(Logger.Level(rawValue: configuration.logLevel) ?? .info)
        let logger = Logger(label: "perch")
        let server = Server(
            configuration: configuration, reread: { try source.read() },
            environmentSecrets: try source.environmentSecrets(), logger: logger,
            stopSignals: [.sigterm, .sigint],
            onReady: { Self.announce($0, configuration, logger) })
        try await server.run()
    }

    private static func announce(
        _ running: Server.Running, _ configuration: PerchConfiguration, _ logger: Logger
    ) {
        logger.info(
            "ready",
            metadata: [
                "address": "\(running.address)", "data": "\(configuration.data)",
                "otlp_http": "\(running.otlpAddress.map { "\($0)" } ?? "")",
                "otlp_grpc": "\(running.grpcAddress.map { "\($0)" } ?? "")",
                "version": "\(PerchVersion.current)",
            ])
        guard let path = running.firstRunPath else { return }
        // Standard output and not the log: the link is a secret, and logs are shipped elsewhere.
        let address = configuration.publicAddress(of: running.address)
        let line = "To make the first administrator, open \(address)\(path)\n"
        // Written at once: a pipe or a journal would see a buffered line only at the end.
        try? FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
    }
}

/// Reads the configuration and says what is wrong with it.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration without starting.")

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        let configuration = try options.source.check()
        _ = try options.source.environmentSecrets()
        for note in try configuration.notes() {
            print("\(configuration.prometheusFile ?? ""): \(note)")
        }
        print("the configuration is good")
    }
}
