import Glibc
public import NIOCore
import NIOHTTP1
import NIOPosix

/// A provider shaped like OpenAI's API that runs anywhere: for demos, tests, benchmarks and work without a network.
///
/// Every request can steer its own answer with the header `x-simulate`, down to single broken bytes
/// (`Simulator.directiveHelp` lists the directives). `witness` keeps requests and answers, and is also served as `GET
/// /_witness`.
///
///     let simulator = try await Simulator.start(SimulatorConfiguration())
///     // curl http://127.0.0.1:PORT/v1/chat/completions -H 'x-simulate: events=3, cut-at=200' …
///     await simulator.shutdown()
public final class Simulator: Sendable {
    /// What was received and sent.
    public let witness: WitnessLog
    /// The port it listens on.
    public let port: Int

    private let server: any Channel
    private let connections: Connections

    private init(server: any Channel, connections: Connections, witness: WitnessLog) {
        self.server = server
        self.connections = connections
        self.witness = witness
        port = server.localAddress?.port ?? 0
    }

    /// Listens and serves until `shutdown()`.
    /// - Parameter group: the event loops to run on; the process-wide ones when `nil`.
    /// - Throws: ``SimulatorError``.
    public static func start(
        _ configuration: SimulatorConfiguration = SimulatorConfiguration(),
        group: (any EventLoopGroup)? = nil
    ) async throws -> Simulator {
        let provider = try SimulatedProvider(configuration)
        let connections = Connections()
        let bootstrap = ServerBootstrap(group: group ?? MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.opened(channel)
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)),
                        ConnectionHandler(provider: provider)
                    )
                }
            }
        do {
            let server = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
            return Simulator(server: server, connections: connections, witness: provider.witness)
        } catch {
            throw SimulatorError(binding: "\(configuration.host):\(configuration.port)", failedWith: error)
        }
    }

    /// Stops listening, closes idle connections, lets running answers finish for two seconds, and closes the rest.
    public func shutdown() async {
        try? await server.close()
        await connections.quiesce(grace: .seconds(2))
    }

    /// One line for each directive of `x-simulate`, for `--help`.
    public static var directiveHelp: String {
        DirectiveTable.rows.map { row in
            row.name + String(repeating: " ", count: max(1, 24 - row.name.utf8.count)) + row.help
        }.joined(separator: "\n")
    }
}

/// Why a simulator did not start.
public enum SimulatorError: Error, Equatable, CustomStringConvertible {
    /// The configuration's `directives` contain an unknown directive or an invalid value.
    case invalidDirective(String)
    /// The address is in use, or does not belong to this machine.
    case cannotListen(address: String, reason: String)
    /// The witness file cannot be opened.
    case unwritableWitness(path: String, reason: String)

    /// A sentence for the shell.
    public var description: String {
        switch self {
        case .invalidDirective(let reason): "\(reason); `steelyard simulate --help` lists all directives"
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .unwritableWitness(let path, let reason): "\(path) cannot be written: \(reason)"
        }
    }

    /// From the error of binding an address.
    init(binding address: String, failedWith error: any Error) {
        let reason =
            switch error {
            case let error as IOError: String(cString: strerror(error.errnoCode))
            case let error as SocketAddressError.UnknownHost: "cannot find the host \(error.host)"
            default: "\(error)"
            }
        self = .cannotListen(address: address, reason: reason)
    }
}
