import NIOCore

/// Wakes a connection at a time; one for each connection, armed again for each wait.
///
/// A scheduled callback costs no promise and no closure, which counts when hundreds of streams are paced at once.
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
