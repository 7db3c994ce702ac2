import NIOCore

/// Pauses a listener that cannot accept, because descriptors or memory are short.
///
/// The waiting connection keeps the listening socket ready, and NIO stops watching the socket only after a connection
/// that it did accept (swift-nio 2.101.2, `ServerSocketChannel.readFromSocket`). Without the pause, a loop would repeat
/// the same error without end.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let time: TimeAmount
    private var isPaused = false

    init(time: TimeAmount = .milliseconds(100)) { self.time = time }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is IOError, !isPaused { pause(context) }
        context.fireErrorCaught(error)
    }

    private func pause(_ context: ChannelHandlerContext) {
        setAccepting(false, context)
        context.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in setAccepting(true, context) }
    }

    private func setAccepting(_ accepts: Bool, _ context: ChannelHandlerContext) {
        isPaused = !accepts
        // A failure means the listener is closed.
        try? context.channel.syncOptions?.setOption(.autoRead, value: accepts)
    }
}
