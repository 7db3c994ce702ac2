import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// The TLS handshakes in progress on all listeners, the oldest first.
///
/// They do not count towards `limits.connections`: clients that open connections and never finish a handshake must not
/// keep out those that do. They have their own limit. When it is reached, the oldest is closed to make room, because a
/// real client finishes within a few round trips.
final class Handshakes: Sendable {
    private let limit: Int
    private let underWay = Mutex<[any Channel]>([])

    init(limit: Int) { self.limit = limit }

    /// How many are in progress.
    var count: Int { underWay.withLock(\.count) }

    /// A handshake begins; returns the one that must be closed to make room for it.
    func began(_ channel: any Channel) -> (any Channel)? {
        underWay.withLock { channels in
            channels.append(channel)
            return channels.count > limit ? channels.removeFirst() : nil
        }
    }

    /// A handshake has ended, successfully or not.
    func ended(_ channel: any Channel) {
        underWay.withLock { channels in
            // Most end soon after they begin, so they are near the end of the list.
            if let index = channels.lastIndex(where: { $0 === channel }) { channels.remove(at: index) }
        }
    }
}

/// Closes the connection to make room for a newer handshake.
private struct MadeRoom: Sendable {}

/// Takes the place of an encrypted connection's handlers until the handshake has ended. Ends a handshake that takes too
/// long; bytes that arrive slowly do not extend the time.
final class HandshakeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let handshakes: Handshakes
    private let time: TimeAmount
    private let onCompletion: (any Channel) throws -> Void
    private var deadline: Scheduled<Void>?

    /// Calls `onCompletion` after the handshake to add the connection's handlers; if that throws, the connection ends.
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

    /// Closes below the TLS handler, which would wait for the client to end the connection too.
    private func cut(_ context: ChannelHandlerContext) {
        guard let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) else {
            return context.close(promise: nil)
        }
        tls.close(promise: nil)
    }
}
