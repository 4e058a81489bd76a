import ArgumentParser
import PerchAccess
import PerchServer

extension KeyKind: ExpressibleByArgument {}

/// Keys for programs.
struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make keys for programs.", subcommands: [Create.self])

    /// Makes a key and prints it once.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it; it is shown this once.")

        @Option(help: "What it may do: ingest, dsn, read or admin.")
        var kind = KeyKind.ingest

        @Option(help: "What to call it.")
        var name = "made by the command line"

        @OptionGroup var options: ConfigurationOptions

        func run() async throws {
            let configuration = try options.source.read()
            print(
                try await Administration.createKey(
                    kind, name: name, dataPath: configuration.data))
        }
    }
}

/// People who may log in.
struct User: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Manage people who may log in.", subcommands: [Reset.self])

    /// Gives a user a new password.
    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a user's password, read from standard input; makes a new user.")

        @Argument(help: "The user's name.")
        var name: String

        @OptionGroup var options: ConfigurationOptions

        func run() async throws {
            let configuration = try options.source.read()
            guard let password = readLine() else {
                throw ValidationError("give the password on standard input")
            }
            try await Administration.resetUser(
                name: name, password: password, dataPath: configuration.data)
            print("the password of \(name) is set, and its sessions have ended")
        }
    }
}
