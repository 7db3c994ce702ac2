import Glibc
import NIOCore
import SteelyardClock
import SteelyardExchange
import SteelyardPolicy
import SteelyardWire

/// Calls from an exchange's driver.
extension ClientHandler {
    /// The head of the provider's answer.
    func open(_ head: ClientHead) { openAnswer(head, isLast: false) }

    /// A piece of its body.
    func send(_ piece: ByteBuffer) { writer.send(piece, write: write) }

    /// A piece of its body that contains other bytes than the provider's.
    func send(copying piece: Span<UInt8>) { writer.send(copying: piece) }

    /// The answer is complete.
    func finish() {
        writer.end()
        answerEnded()
    }

    /// The provider's answer broke off: the client's answer breaks off too, after the bytes that came.
    func breakOff() {
        driver = nil
        abort()
    }

    /// A refusal, when nothing of an answer has been sent; `id` is the exchange's.
    func answer(_ refusal: Refusal, id: ChargeID) {
        driver = nil
        send(own(refusal, id), lingers: connection.expectsBody)
    }
}

/// Answers of our own.
extension ClientHandler {
    /// Answers a request that never became an exchange. `lingers` ends the connection although the client may still be
    /// sending.
    func refuse(_ refusal: Refusal, lingers: Bool) {
        let id = loop.newID(wallMilliseconds: WallClock.milliseconds())
        services.recorder.refused(refusal, id: id)
        send(own(refusal, id), lingers: lingers)
    }

    private func own(_ refusal: Refusal, _ id: ChargeID) -> OwnAnswer {
        let allowed = services.recorder.active.rules.origins
        return OwnAnswer(refusal, id: id, to: AskingPage(origin: askingOrigin, allowed: allowed))
    }

    /// The current request (or what should have become one) is broken or too slow: nothing after it is read.
    func fail(_ refusal: Refusal) {
        awaitsAdmin = false
        guard let driver else { return refuse(refusal, lingers: true) }
        // After an answer has begun, no other can be sent: this counts as the client ending the exchange.
        guard !writer.isOpen else { return abort() }
        self.driver = nil
        driver.requestFailed(refusal)
        send(own(refusal, driver.id), lingers: true)
    }

    /// Writes a whole answer.
    func send(_ answer: OwnAnswer, lingers: Bool) {
        openAnswer(answer.head, isLast: lingers)
        if !connection.answersHEAD { writer.send(copying: answer.body.span) }
        writer.end()
        if lingers { leave(connection.mustLinger()) } else { answerEnded() }
    }

    private func openAnswer(_ head: ClientHead, isLast: Bool) {
        let closes = connection.answerBegan(isLast: isLast || services.isDraining, hasUnread: hasUnread)
        writer.open(head, allowsChunks: connection.allowsChunks, closes: closes)
        if writer.endsByClosing { connection.answerEndsByClosing() }
    }

    /// The connection takes the next request, or ends.
    private func answerEnded() {
        driver = nil
        if let ending = connection.answerEnded(hasUnread: hasUnread) { leave(ending) }
    }
}

/// Sending, and the ways in which a connection ends.
extension ClientHandler {
    /// Whether more bytes can be added without making a slow client's queue longer.
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Bytes written that the kernel has not taken.
    var waitingBytes: Int {
        // A failure means the channel is closed: nothing waits.
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    func write(_ buffer: ByteBuffer) {
        hasUnflushed = true
        connection.wrote(buffer.readableBytes)
        context?.write(wrapOutboundOut(buffer), promise: nil)
    }

    /// Sends the bytes that this turn has collected.
    func flush() {
        if writer.hasPending { write(writer.takePending()) }
        guard hasUnflushed else { return }
        hasUnflushed = false
        context?.flush()
    }

    /// Releases the exchange, which may continue without its client.
    func leaveExchange() {
        let left = driver
        driver = nil
        left?.clientLeft()
    }

    /// Ends the connection in the way that its machine decided.
    func leave(_ ending: ConnectionEnding) {
        guard let context else { return }
        flush()
        leaveExchange()
        switch ending {
        case .close: close(context)
        case .linger: linger(context)
        case .closeNow: context.close(promise: nil)
        case .cut: cut(context)
        }
    }

    /// Ends the connection so that the client cannot take what it has for a whole answer.
    ///
    /// The client notices a missing last chunk or a short counted body; an answer that ends by closing needs a reset.
    private func abort() {
        if writer.endsByClosing, let context { closeByReset(context) }
        leave(connection.end(.close))
    }

    /// Closes after the written bytes have been sent: NIO's own close would drop them.
    private func close(_ context: ChannelHandlerContext) {
        connection.beganEnding(waiting: waitingBytes, at: .now())
        let channel = context.channel
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }

    /// Stops sending, reads on for a limited time, then closes. A close with unread bytes would reset the connection
    /// and could destroy the answer on its way (RFC 9112 §9.6).
    private func linger(_ context: ChannelHandlerContext) {
        connection.beganEnding(waiting: waitingBytes, at: .now())
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenSuccess { [weak self] in self?.beganLingering() }
        context.close(mode: .output, promise: sent)
    }

    private func beganLingering() {
        guard context != nil else { return }
        connection.sentEverything(at: .now())
        settle()
    }

    /// Ends the connection now. Bytes that wait to be sent are lost, and the client sees a reset.
    private func cut(_ context: ChannelHandlerContext) {
        closeByReset(context)
        context.close(promise: nil)
    }

    /// A linger of zero seconds turns the coming close into a reset (socket(7)).
    private func closeByReset(_ context: ChannelHandlerContext) {
        guard let socket = context.channel as? any SocketOptionProvider else { return }
        // On the loop, the option is set before this returns; a failure means that the socket is closed already.
        socket.setSoLinger(Glibc.linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
    }
}

extension AdminRequest {
    init(_ head: RequestHead) {
        self.init(method: head.method, path: String(head.path), query: String(head.query), fields: head.fields)
    }
}
