import ArgumentParser
import Glibc
import Logging
import ServiceLifecycle
import SteelyardConfiguration
import SteelyardGateway
import SteelyardSimulator
import UnixSignals

/// `steelyard demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Try the gateway without a key or internet: a simulated provider and a minute of traffic.",
        discussion: """
            Each of three teams has a budget, and one team uses its budget up. On a terminal, the demo shows a live table \
            and runs until Ctrl-C; in a pipe, it prints the table once. It deletes its ledger at the end.
            """
    )

    @Option(help: "The address to listen on; port 0 picks any free port.")
    var listen = "127.0.0.1:0"

    @Option(help: "How long to send traffic, in seconds.")
    var seconds = 60

    func run() async throws {
        OpenFileLimit.raise()
        try await TemporaryFolder.with(name: "steelyard-demo", perform)
    }

    private func perform(folder: String) async throws {
        let simulator = try await Simulator.start()
        let (addresses, listening) = AsyncStream<GatewayAddresses>.makeStream()
        let show = DemoShow(addresses: addresses, seconds: seconds)
        let configuration = try configuration(provider: simulator.port, ledgerFile: "\(folder)/ledger.sqlite3")
        try await exitingOnGatewayError {
            let gateway = try Gateway(configuration, source: source) { listening.yield($0) }
            try await serve(gateway, show)
        }
        await simulator.shutdown()
    }

    /// Ends on Ctrl-C, when the terminal closes, or when the show is over. The show ends first; then the gateway
    /// drains.
    private func serve(_ gateway: Gateway, _ show: DemoShow) async throws {
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: gateway),
                    .init(service: show, successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint, .sighup],
                logger: Logger(label: "steelyard.lifecycle") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        try await services.run()
    }

    /// A file that does not exist: a reload finds it missing and keeps the current configuration.
    private var source: ConfigurationSource { ConfigurationSource(path: "demo.yaml", listen: (listen, "--listen")) }

    /// The content of that file. The log is almost off, so that it does not disturb the table.
    private func configuration(provider port: Int, ledgerFile: String) throws -> Configuration {
        let text = """
            server: { timeouts: { drain: 2s } }
            providers: { simulated: { base_url: "http://127.0.0.1:\(port)/v1" } }
            teams:
            \(DemoTeam.entries.map { "  \($0)\n" }.joined())
            default_team: \(DemoTeam.search.rawValue)
            logging: { level: critical, access: false }
            """
        let reading = Configuration.read(Array(text.utf8), file: "demo.yaml", surroundings: .process)
            .listening(on: listen, saidBy: "--listen")
        guard var configuration = reading.configuration else {
            StandardError.write(reading.problems.rendered)
            throw ExitCode(EX_CONFIG)
        }
        // The path is not part of the text, because it might need quotes in YAML.
        configuration.ledger = LedgerConfiguration(file: ledgerFile)
        return configuration
    }
}

/// Sends traffic through a gateway, and shows a table of its `/metrics`.
private struct DemoShow: Service {
    let addresses: AsyncStream<GatewayAddresses>
    let seconds: Int

    func run() async throws {
        guard let port = await addresses.first(where: { _ in true })?.data else { return }
        let traffic = DemoTraffic(port: port)
        guard let screen = TerminalScreen() else { return try await playOnce(traffic, port) }
        await cancelWhenGracefulShutdown { await play(traffic, port, on: screen) }
    }

    /// In a pipe: one table, when the traffic has ended or was interrupted.
    private func playOnce(_ traffic: DemoTraffic, _ port: Int) async throws {
        StandardError.write("\(seconds) seconds of traffic through http://127.0.0.1:\(port)/v1\n")
        await cancelWhenGracefulShutdown { await traffic.play(for: .seconds(seconds)) }
        let lines = try await picture(of: traffic, port, state: "traffic has ended")
        StandardOutput.write(lines.joined(separator: "\n") + "\n")
    }

    /// On a terminal: a live table, also after the traffic has ended, until the user stops it.
    private func play(_ traffic: DemoTraffic, _ port: Int, on terminal: TerminalScreen) async {
        var screen = terminal
        let began = ContinuousClock.now
        async let playing: Void = traffic.play(for: .seconds(seconds))
        while !Task.isCancelled {
            let elapsed = (ContinuousClock.now - began).components.seconds
            let state = elapsed < seconds ? "\(elapsed) of \(seconds) s" : "stop with Ctrl-C"
            if let lines = try? await picture(of: traffic, port, state: state) { screen.draw(lines) }
            try? await Task.sleep(for: .milliseconds(500))
        }
        await playing
    }

    private func picture(of traffic: DemoTraffic, _ port: Int, state: String) async throws -> [String] {
        DemoPicture(port: port, state: state)
            .lines(exposition: try await traffic.scrape(), nowSeconds: Int64(time(nil)), refusal: traffic.latestRefusal)
    }
}
