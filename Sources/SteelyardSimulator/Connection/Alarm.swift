import NIOCore

/// Wakes a connection at a given time; each connection has one and sets it again for each wait.
///
/// A scheduled callback needs no promise and no closure, which matters when hundreds of streams are paced at once.
struct Alarm: NIOScheduledCallbackHandler, Sendable {
    private let handler: NIOLoopBound<ConnectionHandler>
    private let context: NIOLoopBound<ChannelHandlerContext>

    init(_ handler: ConnectionHandler, _ context: ChannelHandlerContext) {
        self.handler = NIOLoopBound(handler, eventLoop: context.eventLoop)
        self.context = NIOLoopBound(context, eventLoop: context.eventLoop)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        handler.value.woke(context.value)
    }
}
