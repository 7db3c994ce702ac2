import ArgumentParser
import SteelyardGateway

/// The command line: turns arguments into a running command or an exit status.
@main
struct Steelyard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steelyard",
        abstract: "An LLM gateway that measures every call: tokens, dollars and latency at /metrics.",
        version: "steelyard \(GatewayVersion.text)",
        subcommands: [
            ServeCommand.self, CheckCommand.self, KeysCommand.self, PricesCommand.self, UsageCommand.self,
            LedgerCommand.self, DemoCommand.self,
            SimulateCommand.self,
            VersionCommand.self,
        ],
        defaultSubcommand: ServeCommand.self
    )
}

/// `steelyard version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() { print("steelyard \(GatewayVersion.text)") }
}
