import Glibc
import NIOCore
public import NIOPosix
import SteelyardExchange

/// One listening address and the connections it has accepted.
public final class Listener: Sendable {
    private let channel: any Channel
    private let connections: Connections

    private init(channel: any Channel, connections: Connections) {
        self.channel = channel
        self.connections = connections
    }

    /// The port that was bound; useful when 0 was asked for.
    public var port: Int { channel.localAddress?.port ?? 0 }

    /// The most unsent bytes that the kernel keeps for a client that does not read.
    private static let unsentLimitBytes: ChannelOptions.Types.SocketOption.Value = 128 * 1024

    /// Binds an address and serves its connections on `group`; throws the error of `bind` (address in use, permission).
    public static func bind(
        host: String,
        port: Int,
        duties: ListenerDuties,
        services: ServerServices,
        group: MultiThreadedEventLoopGroup
    ) async throws -> Listener {
        let connections = Connections()
        let pipeline = ConnectionPipeline(duties: duties, services: services, connections: connections)
        let isLimited = services.guards.contains(.unsentLimit)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            // Accepted connections inherit it on Linux. With 0, net.ipv4.tcp_notsent_lowat decides (tcp(7)).
            .serverChannelOption(.tcpOption(.unsentLimit), value: isLimited ? unsentLimitBytes : 0)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try pipeline.prepare(listening: channel) }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Reading can stop only between two turns: everything that one turn reads may have to wait for a slow
            // provider.
            .childChannelOption(.maxMessagesPerRead, value: 2)
            // A client that sends nothing more may still wait for its answer (docs/decisions/0024). Over TLS the end of
            // input is close_notify, and TLS 1.2 requires the connection to end in reply (RFC 5246 §7.2.1).
            .childChannelOption(.allowRemoteHalfClosure, value: duties.tls == nil)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try pipeline.build(on: channel) }
            }
        return Listener(channel: try await bootstrap.bind(host: host, port: port).get(), connections: connections)
    }

    /// Stops accepting, ends every connection after its current answer, and cuts the remaining ones after `time`.
    /// Returns when all are closed.
    public func end(within time: Duration) async {
        // A failure means that it was closed already.
        try? await channel.close()
        let connections = connections
        let cutting = channel.eventLoop.scheduleTask(in: TimeAmount(time)) { connections.cut() }
        await connections.quiesce()
        cutting.cancel()
    }
}

extension NIOBSDSocket.Option {
    /// `TCP_NOTSENT_LOWAT` of Linux, for which NIO has no name.
    fileprivate static let unsentLimit = NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT)
}

/// Assembles the handlers of a client connection.
private struct ConnectionPipeline: Sendable {
    let duties: ListenerDuties
    let services: ServerServices
    let connections: Connections

    /// Makes a listening channel pause when it cannot accept.
    func prepare(listening channel: any Channel) throws {
        guard services.guards.contains(.acceptPause) else { return }
        try channel.pipeline.syncOperations.addHandler(AcceptPause())
    }

    /// Throws for a connection that is not served; then NIO closes it.
    func build(on channel: any Channel) throws {
        guard connections.opened(channel) else { throw ConnectionRefused() }
        guard let tls = duties.tls else { return try serve(channel) }
        let gate = HandshakeGate(
            services.handshakes,
            time: TimeAmount(services.limits.headerTimeout),
            onCompletion: serve
        )
        try channel.pipeline.syncOperations.addHandlers(tls.handler(), gate)
    }

    /// Counts a connection whose bytes are HTTP from here on.
    private func serve(_ channel: any Channel) throws {
        let admission = services.admitConnection()
        guard admission != .closed else { throw ConnectionRefused() }
        channel.closeFuture.whenComplete { [services] _ in services.releaseConnection() }
        let handler = ClientHandler(
            loop: services.loop(channel.eventLoop),
            duties: duties,
            isSurplus: admission == .surplus
        )
        try channel.pipeline.syncOperations.addHandler(handler)
    }
}

/// The connection is not served: there are far too many, or the listener is ending.
private struct ConnectionRefused: Error {}
