import ArgumentParser
import Glibc
import Logging
import ServiceLifecycle
import SteelyardConfiguration
import SteelyardGateway
import SteelyardPolicy
import UnixSignals

/// `--config` and `--listen`, shared by the commands that read proxy.yaml.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: "The configuration file.")
    var config = "proxy.yaml"

    @Option(help: "The address to listen on; overrides server.listen in the file.")
    var listen: String?

    /// The file, and the address that overrides it: the option, otherwise STEELYARD_LISTEN.
    var source: ConfigurationSource {
        if let listen { return ConfigurationSource(path: config, listen: (listen, "--listen")) }
        let variable = getenv("STEELYARD_LISTEN").map { String(cString: $0) }
        return ConfigurationSource(path: config, listen: variable.map { ($0, "STEELYARD_LISTEN") })
    }

    /// Reads the file and prints all problems. Exits with EX_CONFIG if there is an error.
    func readOrExit() throws -> Configuration {
        let reading = source.read().noting(nowSeconds: Int64(time(nil))).placing { FilePlace(of: $0) }
        StandardError.write(reading.problems.rendered)
        guard let configuration = reading.configuration else { throw ExitCode(EX_CONFIG) }
        return configuration
    }
}

/// `steelyard serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Run the gateway.")

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        // A SIGHUP during the start must not end the process: a start may replay the journal for seconds.
        signal(SIGHUP, SIG_IGN)
        let configuration = try options.readOrExit()
        OpenFileLimit.raise()
        try await exitingOnGatewayError {
            let gateway = try Gateway(configuration, source: options.source)
            let group = ServiceGroup(
                services: [gateway],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "steelyard.lifecycle") { _ in SwiftLogNoOpLogHandler() }
            )
            try await group.run()
        }
    }
}

/// `steelyard check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration and exit: 0 if it is usable, 78 if not."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try options.readOrExit()
        try await exitingOnGatewayError { try Gateway.checkCertificates(of: configuration) }
        let names = configuration.providers.map(\.name).joined(separator: ", ")
        print("\(options.config): ok, listening on \(configuration.server.listen), providers: \(names)")
    }
}

/// For messages to the person at the shell.
enum StandardError {
    static func write(_ text: String) { Descriptor.write(text, to: STDERR_FILENO) }
}

/// For results that somebody reads while the command still runs.
enum StandardOutput {
    static func write(_ text: String) { Descriptor.write(text, to: STDOUT_FILENO) }
}

private enum Descriptor {
    static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // If writing fails, there is no way to report it.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// Every client connection needs two descriptors; with the usual soft limit of 1024, 500 connections would be the
/// maximum.
enum OpenFileLimit {
    static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // If this fails, the limit stays as it was; `process_max_fds` shows it.
        setrlimit(resource, &limit)
    }
}
