import Glibc
import NIOCore
import NIOExtras
import NIOHTTP1
public import NIOPosix

/// One listening address and the connections it has accepted.
public final class Listener: Sendable {
    private let channel: any Channel
    private let quiescing: ServerQuiescingHelper

    private init(channel: any Channel, quiescing: ServerQuiescingHelper) {
        self.channel = channel
        self.quiescing = quiescing
    }

    /// The port that was bound; useful when 0 was asked for.
    public var port: Int { channel.localAddress?.port ?? 0 }

    /// Binds an address and serves its connections on `group`; throws what `bind` reports (address in use, permission).
    public static func bind(
        host: String,
        port: Int,
        duties: ListenerDuties,
        services: ServerServices,
        group: MultiThreadedEventLoopGroup
    ) async throws -> Listener {
        let quiescing = ServerQuiescingHelper(group: group)
        let workers = WorkerIndices(group)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        quiescing.makeServerChannelHandler(channel: channel)
                    )
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try ConnectionPipeline.build(
                        on: channel,
                        duties: duties,
                        services: services,
                        workerIndex: workers.index(of: channel.eventLoop)
                    )
                }
            }
        return Listener(channel: try await bootstrap.bind(host: host, port: port).get(), quiescing: quiescing)
    }

    /// Stops accepting and ends every connection after its current answer; what is left after `time` is cut when the
    /// event loops end.
    public func end(within time: Duration) async {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        quiescing.initiateShutdown(promise: promise)
        await withTaskGroup(of: Void.self) { group in
            // A failure means the channel was closed already.
            group.addTask { try? await promise.futureResult.get() }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            // The other task may outlast the first: it ends with the loops.
            group.cancelAll()
        }
    }
}

/// Which upstream worker serves which event loop, so that a request crosses to one thread and back.
private struct WorkerIndices: Sendable {
    private let indices: [ObjectIdentifier: Int]

    init(_ group: MultiThreadedEventLoopGroup) {
        let loops = Array(group.makeIterator())
        indices = Dictionary(uniqueKeysWithValues: loops.enumerated().map { (ObjectIdentifier($1), $0) })
    }

    func index(of eventLoop: any EventLoop) -> Int { indices[ObjectIdentifier(eventLoop)] ?? 0 }
}

/// The handlers of a client connection.
enum ConnectionPipeline {
    /// A request that NIO's decoder cannot hold in this much is not HTTP; without a cap it would buffer without end.
    private static let decoderBufferLimitBytes = 256 * 1024
    /// Apache takes as many (`LimitRequestFields 100`); official SDKs send about 20.
    private static let fieldCountLimit = 100

    static func build(on channel: any Channel, duties: ListenerDuties, services: ServerServices, workerIndex: Int)
        throws
    {
        guard services.admitConnection() else { return channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in services.releaseConnection() }
        let byteGuard = RequestByteGuard(headerLimitBytes: services.limits.headerBytes)
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: decoderLimits(services))
        let handler = ConnectionHandler(
            services: services,
            duties: duties,
            byteGuard: byteGuard,
            workerIndex: workerIndex
        )
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(byteGuard)
        try pipeline.addHandler(ByteToMessageHandler(decoder, maximumBufferSize: decoderBufferLimitBytes))
        try pipeline.addHandler(handler)
    }

    /// NIO counts name and value of a field apart (GHSA-f4r8-q66f-vf84), hence the half.
    private static func decoderLimits(_ services: ServerServices) -> NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderListSize = services.limits.headerBytes
        limits.maxHeaderFieldSize = services.limits.headerBytes / 2
        limits.maxHeaderFieldCount = fieldCountLimit
        return limits
    }
}
