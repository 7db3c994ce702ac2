import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// The TLS handshakes under way on all listeners, the oldest first.
///
/// They take no place of `limits.connections`: who opens connections and never finishes a handshake must not keep out
/// those who do. They have a limit of their own; when it is reached the oldest makes room, because a real client is done
/// within a few round trips.
final class Handshakes: Sendable {
    private let limit: Int
    private let underWay = Mutex<[any Channel]>([])

    init(limit: Int) { self.limit = limit }

    /// How many there are.
    var count: Int { underWay.withLock(\.count) }

    /// A handshake begins; gives back the one that has to make room for it.
    func began(_ channel: any Channel) -> (any Channel)? {
        underWay.withLock { channels in
            channels.append(channel)
            return channels.count > limit ? channels.removeFirst() : nil
        }
    }

    /// A handshake is over, however it went.
    func ended(_ channel: any Channel) {
        underWay.withLock { channels in
            // Most end soon after they began: they are near the end of the list.
            if let index = channels.lastIndex(where: { $0 === channel }) { channels.remove(at: index) }
        }
    }
}

/// Makes room for a newer handshake.
private struct MadeRoom: Sendable {}

/// Stands in for the handlers of an encrypted connection until its handshake is done, and ends one that takes longer
/// than it may: bytes that trickle in extend nothing.
final class HandshakeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let handshakes: Handshakes
    private let time: TimeAmount
    private let onCompletion: (any Channel) throws -> Void
    private var deadline: Scheduled<Void>?

    /// Calls `onCompletion` to add the handlers of a connection whose handshake is done; what it throws ends it.
    init(_ handshakes: Handshakes, time: TimeAmount, onCompletion: @escaping (any Channel) throws -> Void) {
        self.handshakes = handshakes
        self.time = time
        self.onCompletion = onCompletion
    }

    func handlerAdded(context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in self?.cut(context) }
        handshakes.began(context.channel)?.pipeline.fireUserInboundEventTriggered(MadeRoom())
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        handshakes.ended(context.channel)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted: completed(context)
        case is MadeRoom, is QuiescingEvent: cut(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { cut(context) }

    private func completed(_ context: ChannelHandlerContext) {
        do { try onCompletion(context.channel) } catch { return cut(context) }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    /// Closes below the TLS handler, which would wait for the client's part in the end of the connection.
    private func cut(_ context: ChannelHandlerContext) {
        guard let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) else {
            return context.close(promise: nil)
        }
        tls.close(promise: nil)
    }
}
