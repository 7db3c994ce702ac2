import NIOCore
import NIOHTTP1
import SteelyardExchange

/// One client connection: HTTP/1.1 on this side, an `ExchangeDriver` per request on the other.
///
/// Pipelined requests are answered one after another. NIO's own pipeline handler stops reading while an answer is
/// outstanding; then only the next write shows that a client has left. This handler keeps reading, so it notices a FIN
/// at once, while the model is still thinking; ``InputEnd`` decides what the FIN means. (Reading is paused only for a
/// client that pipelines, or a provider that takes an upload slowly; then NIO still reports the FIN, by `EPOLLRDHUP`.)
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    /// What happens to request parts that arrive.
    enum Input {
        /// Between requests; exits: `body` on a head, `closed`.
        case head
        /// Parts belong to the current request; exits: `complete` on its end, `closed`.
        case body
        /// The request is complete; later parts are held; exits: `head` when the answer is done, `closed`.
        case complete
        /// No more parts are taken.
        case closed
    }

    /// Input that waits until earlier answers are done.
    enum HeldInput {
        case part(HTTPServerRequestPart)
        /// The bytes after the earlier parts are not HTTP.
        case defect(Refusal)
    }

    /// The properties of the current request that affect its answer.
    struct CurrentRequest {
        /// Whether the answer may be chunked; HTTP/1.0 does not know chunks.
        var allowsChunks = true
        /// Whether the answer has no body: HEAD.
        var isHead = false
        /// Whether body bytes are still to come.
        var expectsBody = false
        /// Whether the connection ends after the answer.
        var closes = false
        /// The origin of the page whose script sent the request.
        var origin: String?
        /// Whether the admin surface is working on the answer.
        var awaitsAdmin = false
        /// How fast its body comes.
        var pace = BodyPace()
    }

    let services: ServerServices
    let duties: ListenerDuties
    let byteGuard: RequestByteGuard
    let workerIndex: Int
    /// Whether this connection is one too many: it gets an answer that says so.
    let isSurplus: Bool

    var context: ChannelHandlerContext?
    var input = Input.head
    var request = CurrentRequest()
    var held = CircularBuffer<HeldInput>()
    var isTakingHeld = false
    var driver: ExchangeDriver?

    var writer = AnswerWriter()
    var hasUnflushed = false
    var progress = WriteProgress()
    var inputEnd = InputEnd()
    var isReading = true
    /// Whether the connection ends as soon as its bytes have been sent.
    var isClosing = false
    /// Whether the listener is ending.
    var isQuiescing = false

    var timer: DeadlineTimer?
    /// When the first byte of an incomplete head came.
    var headBegan: NIODeadline?

    init(
        services: ServerServices,
        duties: ListenerDuties,
        byteGuard: RequestByteGuard,
        workerIndex: Int,
        isSurplus: Bool
    ) {
        self.services = services
        self.duties = duties
        self.byteGuard = byteGuard
        self.workerIndex = workerIndex
        self.isSurplus = isSurplus
    }
}

/// Events of the channel.
extension ConnectionHandler {
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
        held.removeAll()
        timer?.stop()
        leaveExchange()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        byteGuard.decoded(part)
        received(.part(part))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush()
        updateDeadline()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            driver?.clientTookBytes()
        } else {
            progress.stalled(at: .now(), waiting: waitingBytes)
        }
        updateDeadline()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is QuiescingEvent:
            isQuiescing = true
            if case .head = input, !byteGuard.headIsPartial { close() }
        case ChannelEvent.inputClosed: receivedInputEnd()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// The decoder may report one fault several times. Only the first report counts, and nothing after it is parsed.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The client left within a request, which the channel reports itself.
        if error as? HTTPParserError == .invalidEOFState { return }
        guard let refusal = Refusal(protocolError: error) else { return cut() }
        byteGuard.becomeDeaf()
        received(.defect(refusal))
    }

    private func received(_ next: HeldInput) {
        switch input {
        case .head, .body: take(next)
        case .complete:
            // At most the bytes of one read wait here.
            held.append(next)
            setReading(false)
        case .closed: break
        }
    }
}

extension ConnectionHandler {
    /// Whether more bytes can be added without making a slow client's queue longer.
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Bytes written that the kernel has not taken.
    var waitingBytes: Int {
        // A failure means the channel is closed: nothing waits.
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func setReading(_ reads: Bool) {
        guard reads != isReading else { return }
        isReading = reads
        // A failure means that the channel is closing, which it reports itself.
        try? context?.channel.syncOptions?.setOption(.autoRead, value: reads)
    }

    /// Releases the exchange, which may continue without its client.
    func leaveExchange() {
        driver?.clientLeft()
        driver = nil
    }
}
