import Glibc
import NIOCore
import NIOExtras
import NIOHTTP1
import SteelyardExchange
import SteelyardWire

/// One client connection: HTTP/1.1 on this side, an `ExchangeDriver` per request on the other.
///
/// Pipelined requests are answered one after another. NIO's own pipeline handler stops reading while an answer is
/// outstanding, and then a client that leaves is noticed only by the next write; this handler keeps reading, so a FIN
/// while the model is still thinking ends the exchange at once. Only a client that pipelines gives that up.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    /// What arriving request parts are for.
    enum Input {
        /// Between requests; exits: `body` on a head, `discarding` on a refused one.
        case head
        /// Parts belong to the current request; exits: `complete` on its end, `discarding` on a refusal.
        case body
        /// The request is whole; later parts are queued; exits: `head` when the answer is done.
        case complete
        /// Answered before the body was read: bytes are counted and dropped, then the connection closes
        /// (a lingering close: at most 1 MiB or 5 s, so that the client can read the answer before a reset).
        case discarding(remainingBytes: Int)
        /// Nothing is taken any more.
        case closed
    }

    static let lingerLimitBytes = 1 << 20
    static let lingerTime = TimeAmount.seconds(5)

    let services: ServerServices
    let duties: ListenerDuties
    let byteGuard: RequestByteGuard
    let workerIndex: Int
    var input = Input.head
    var queue = CircularBuffer<HTTPServerRequestPart>()
    var writer = AnswerWriter(allocator: ByteBufferAllocator())
    var driver: ExchangeDriver?
    /// The current request's facts that the answer depends on.
    var allowsChunks = true
    var closesAfterAnswer = false
    /// Whether the connection ends as soon as its bytes have left.
    var isClosing = false
    /// Whether the admin surface is still working on its answer.
    var awaitsAdmin = false
    /// Whether body bytes of the current request are still to come after its head.
    var expectsBody = false
    var context: ChannelHandlerContext?
    var timer: DeadlineTimer?
    var stalledBytes = 0
    /// When the first byte of a head not yet complete came.
    var headBegan: NIODeadline?
    /// Whether the client waits for `100 Continue`.
    var pendingContinue = false

    init(services: ServerServices, duties: ListenerDuties, byteGuard: RequestByteGuard, workerIndex: Int) {
        self.services = services
        self.duties = duties
        self.byteGuard = byteGuard
        self.workerIndex = workerIndex
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = DeadlineTimer(eventLoop: context.eventLoop) { [weak self] in self?.deadlinePassed() }
        updateDeadline()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.stop()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        input = .closed
        queue.removeAll()
        timer?.stop()
        driver?.clientLeft()
        driver = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .complete = input { return hold(part) }
        take(part)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush()
        updateDeadline()
    }

    /// Keeps a pipelined part for later and stops reading: one read's worth at most waits here.
    private func hold(_ part: HTTPServerRequestPart) {
        queue.append(part)
        setReading(false)
    }

    func setReading(_ reads: Bool) {
        // A failure means the channel is closing, which is reported on its own.
        try? context?.channel.syncOptions?.setOption(.autoRead, value: reads)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { driver?.clientTookBytes() }
        stalledBytes = 0
        updateDeadline()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { return quiesce() }
        context.fireUserInboundEventTriggered(event)
    }

    /// The process is about to end: an idle connection goes at once, a busy one after its answer.
    private func quiesce() {
        closesAfterAnswer = true
        if case .head = input, !byteGuard.headIsPartial { close() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let refusal = Refusal(protocolError: error), !writer.isOpen, driver == nil else { return close() }
        refuse(refusal, lingers: true)
    }
}

extension ConnectionHandler {
    /// Whether bytes may be added without growing what waits for a slow client.
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Sends what this tick has gathered.
    func flush() {
        guard writer.pending.readableBytes > 0, let context else { return }
        context.writeAndFlush(wrapOutboundOut(writer.takePending()), promise: nil)
    }

    /// Ends the connection once the bytes already written have left: NIO's own close drops what waits.
    func close() {
        guard !isClosing, let context else { return }
        isClosing = true
        input = .closed
        timer?.set(.now() + services.limits.writeStallTimeout)
        let channel = context.channel
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(writer.takePending()), promise: written)
    }

    /// Ends the connection so that the client cannot take what it has for a whole answer.
    ///
    /// A missing last chunk or a short counted body is visible; an answer that ends by closing needs a reset.
    func abort() {
        if writer.endsByClosing, let socket = context?.channel as? any SocketOptionProvider {
            // Linger of zero seconds turns the close into a reset; a failure means the socket is gone already.
            socket.setSoLinger(Glibc.linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
        }
        close()
    }
}
