import Glibc
import NIOCore
import SteelyardClock
import SteelyardExchange
import SteelyardPolicy
import SteelyardWire

/// Moves the bytes of one client connection: into its ``ClientConnection``, which says whose they are, and out of the
/// answers of its ``ExchangeDriver``.
///
/// It is the only handler of a plain connection. It keeps reading while an answer is outstanding, so that it notices a
/// FIN while the model is still thinking. (Reading is paused only for a client that pipelines, or a provider that takes
/// an upload slowly; then NIO still reports the FIN, by `EPOLLRDHUP`.)
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let loop: ServerLoop
    let duties: ListenerDuties
    /// Whether this connection is one too many: it gets an answer that says so.
    let isSurplus: Bool

    var context: ChannelHandlerContext?
    var connection: ClientConnection
    /// Bytes that have come and were not used yet.
    private var unread = ByteBuffer()
    /// How many of them have been used since they were last dropped.
    private var usedBytes = 0
    private var isReadingOn = false
    private var reads = true
    /// The current request's exchange; nil between requests, and for requests that Steelyard answers itself.
    var driver: ExchangeDriver?
    /// The origin of the page whose script sent the current request.
    var askingOrigin: String?
    /// Whether the admin surface is working on the answer.
    var awaitsAdmin = false

    var writer = AnswerWriter()
    var hasUnflushed = false
    private var timer: DeadlineTimer?

    var services: ServerServices { loop.services }

    init(loop: ServerLoop, duties: ListenerDuties, isSurplus: Bool) {
        self.loop = loop
        self.duties = duties
        self.isSurplus = isSurplus
        connection = ClientConnection(loop.services.connectionLimits)
    }
}

/// Events of the channel.
extension ClientHandler {
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
        connection.closed()
        timer?.stop()
        leaveExchange()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if unread.readableBytes == 0 { unread = bytes } else { unread.writeImmutableBuffer(bytes) }
        readOn()
    }

    func channelReadComplete(context: ChannelHandlerContext) { settle() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            driver?.clientTookBytes()
        } else {
            connection.becameUnwritable(waiting: waitingBytes, at: .now())
        }
        updateDeadline()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is QuiescingEvent: perform(connection.quiesce())
        case ChannelEvent.inputClosed: perform(connection.receivedInputEnd(hasUnread: hasUnread, now: .now()))
        default: context.fireUserInboundEventTriggered(event)
        }
        settle()
    }

    /// The connection is broken, or its TLS is.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { leave(.cut) }
}

/// Bytes from the client.
extension ClientHandler {
    /// Whether bytes wait for their turn.
    var hasUnread: Bool { unread.readableBytes > usedBytes }

    /// Reads on in what has come.
    ///
    /// This is a loop, so that a request that is answered at once does not begin the next one by recursion: thousands
    /// of small requests fit into one read.
    func readOn() {
        guard !isReadingOn else { return }
        isReadingOn = true
        defer { isReadingOn = false }
        let now = Tick.now()
        while let step = connection.next(in: unread.readableBytesUInt8Span, at: &usedBytes, now: now) { perform(step) }
        dropUsed()
    }

    private func dropUsed() {
        unread.moveReaderIndex(forwardBy: min(usedBytes, unread.readableBytes))
        usedBytes = 0
        if unread.readableBytes == 0 { unread = ByteBuffer() }
    }

    private func perform(_ step: ClientStep?) {
        switch step {
        case nil: break
        case .begin(let head): begin(head)
        case .body(let range): received(range)
        case .requestEnd: receivedRequestEnd()
        case .fail(let refusal):
            // Before a head, the origin is still that of the request before.
            if driver == nil, !awaitsAdmin { askingOrigin = connection.refusedOrigin }
            fail(refusal)
        case .askPresence: sendContinue()
        case .timePassed: driver?.timePassed()
        case .leave(let ending): leave(ending)
        }
    }

    private func received(_ range: Range<Int>) {
        // The range is of the bytes that were read, so the slice exists.
        guard let driver, let piece = unread.getSlice(at: unread.readerIndex + range.lowerBound, length: range.count)
        else { return }
        driver.receivedBody(piece)
    }

    private func receivedRequestEnd() { driver?.receivedBodyEnd() }

    /// Stops or goes on reading the body of the current request.
    func setTakesBody(_ takes: Bool) { connection.setTakesBody(takes) }

    /// Carries out what this turn of the loop has led to: reads on, sends, and waits.
    func settle() {
        if hasUnread { readOn() }
        flush()
        updateReading()
        updateDeadline()
    }

    private func updateReading() {
        let wanted = connection.reads(hasUnread: hasUnread)
        guard wanted != reads else { return }
        reads = wanted
        // A failure means that the channel is closing, which it reports itself.
        try? context?.channel.syncOptions?.setOption(.autoRead, value: wanted)
    }
}

/// Requests.
extension ClientHandler {
    private func begin(_ head: RequestHead) {
        askingOrigin = head.fields.first("origin")
        if administers(head) { return }
        if let refusal = refusal(of: head) { return refuse(refusal, lingers: head.hasBody || isSurplus) }
        let driver = ExchangeDriver(loop: loop, client: self)
        self.driver = driver
        driver.receivedHead(head)
        // After a refusal there is no driver any more.
        if head.facts.expectsContinue, head.hasBody, self.driver != nil { sendContinue() }
    }

    /// Why a request does not become an exchange.
    private func refusal(of head: RequestHead) -> Refusal? {
        if head.facts.offersUpgrade, head.fields.first("upgrade")?.lowercased() == "websocket" {
            return .upgradeRequired
        }
        if !duties.servesData { return .unknownPath }
        if services.isDraining { return .draining }
        return isSurplus ? .overCapacity : nil
    }

    /// RFC 9110 §10.1.1: sent only when the request has passed all checks so far.
    private func sendContinue() {
        // Answers to earlier requests come first.
        flush()
        write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
        flush()
    }

    /// Hands the request to the admin surface, which answers when it is done; false for other paths.
    private func administers(_ head: RequestHead) -> Bool {
        guard let admin = duties.admin, let context else { return false }
        let eventLoop = context.eventLoop
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        awaitsAdmin = admin(AdminRequest(head)) { answer in
            eventLoop.execute { handler.value.receivedAnswer(answer) }
        }
        return awaitsAdmin
    }

    private func receivedAnswer(_ answer: AdminAnswer) {
        guard awaitsAdmin else { return }
        awaitsAdmin = false
        send(OwnAnswer(answer), lingers: connection.expectsBody)
        settle()
    }
}

/// Time limits.
extension ClientHandler {
    /// Called whenever the connection may wait for something else than before.
    private func updateDeadline() {
        let tick = connection.deadline(
            exchange: driver?.deadline,
            isWritable: isWritable,
            awaitsAdmin: awaitsAdmin,
            at: .now()
        )
        timer?.set(tick)
    }

    private func deadlinePassed() {
        perform(
            connection.timePassed(
                at: .now(),
                isWritable: isWritable,
                awaitsAdmin: awaitsAdmin,
                waiting: waitingBytes
            )
        )
        settle()
    }
}
