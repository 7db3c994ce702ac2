import NIOCore
import NIOPosix
import ScriptedPeer
import SteelyardDialer
import Testing

/// What the server does with a descriptor.
@Suite("A connection that was handed over", .timeLimit(.minutes(1)))
struct AdoptionTests {
    /// Passes on the first piece that comes.
    private final class FirstPiece: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let arrived: EventLoopPromise<String>

        init(_ arrived: EventLoopPromise<String>) { self.arrived = arrived }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            arrived.succeed(String(buffer: unwrapInboundIn(data)))
        }

        func channelInactive(context: ChannelHandlerContext) { arrived.fail(ChannelError.eof) }
    }

    private static func exchange(_ text: String, over socket: Int32, on eventLoop: any EventLoop) async throws -> String
    {
        let arrived = eventLoop.makePromise(of: String.self)
        let channel = try await ClientBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FirstPiece(arrived))
                }
            }
            .withConnectedSocket(socket).get()
        try await channel.writeAndFlush(ByteBuffer(string: text))
        let answer = try await arrived.futureResult.get()
        try await channel.close()
        return answer
    }

    private static func echo(_ connection: ScriptedConnection) {
        while let byte = connection.take(1) { connection.send(byte) }
    }

    private static func dialed(_ dialer: Dialer, _ target: DialTarget) async throws -> Int32 {
        try await withCheckedThrowingContinuation { continuation in
            dialer.dial(target, within: 30) { continuation.resume(with: $0) }
        }
    }

    private static func useTwoHundred(_ target: DialTarget) async throws {
        let dialer = try DialFixture().dialer
        let loops = MultiThreadedEventLoopGroup.singleton
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await exchange("a", over: dialed(dialer, target), on: loops.next())
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: "a", count: 200))
    }

    @Test("works on an event loop")
    func direct() async throws {
        let server = ScriptedServer(Self.echo)
        try await Self.useTwoHundred(.loopback(server.port))
        server.stop()
    }

    @Test("works on an event loop behind a proxy")
    func proxied() async throws {
        let proxy = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 Connected\r\n\r\n")
            Self.echo(connection)
        }
        try await Self.useTwoHundred(.behind(proxy))
        proxy.stop()
    }
}
