import Foundation
import Logging

/// The executable: reads the settings and runs the demo.
@main
struct ShopCommand {
    static func main() async {
        let options: Options
        do {
            options = try Options(
                arguments: Array(CommandLine.arguments.dropFirst()),
                environment: ProcessInfo.processInfo.environment)
        } catch {
            switch error {
            case .help:
                print(Options.help)
                exit(0)
            case .wrong(let reason):
                complain(reason + "\n\n" + Options.help)
                exit(2)
            }
        }
        var logger = Logger(label: "shop", factory: ConsoleLog.init)
        logger.logLevel = options.isQuiet ? .warning : .info
        do {
            try await Demo(options: options, logger: logger).run()
        } catch {
            complain("The shop stopped: \(error)")
            exit(1)
        }
    }

    private static func complain(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }
}
