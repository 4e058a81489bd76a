import ArgumentParser
import PerchServer

/// The command line of the server.
@main
struct PerchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perch",
        abstract: "Takes logs, metrics and traces, keeps them in one folder, and shows them.",
        version: PerchVersion.current,
        subcommands: [
            Serve.self, Check.self, Query.self, Logs.self, Trace.self, Deploy.self, Import.self,
            Export.self,
            Token.self, User.self, Version.self, Test.self,
        ])
}

/// The options by which a configuration is found, shared by commands.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: "The configuration file; default perch.yml where there is one.")
    var config: String?

    @Option(help: "The data folder; default ./perch-data.")
    var data: String?

    @Option(help: "The main address; default 127.0.0.1:9700. With it, no other is opened unasked.")
    var listen: String?

    @Option(help: "A second address for OTLP over HTTP.")
    var otlpHttp: String?

    @Option(help: "A further address for OTLP over gRPC.")
    var otlpGrpc: String?

    @Flag(help: "Nobody needs a credential; loopback addresses only. For tests and benchmarks.")
    var noAuth = false
}

/// Prints the version.
struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the version.")

    func run() {
        print("perch \(PerchVersion.current)")
    }
}
