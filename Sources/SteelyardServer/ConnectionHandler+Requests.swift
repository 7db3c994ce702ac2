import NIOCore
import NIOHTTP1
import SteelyardExchange
import SteelyardWire

/// From decoded parts to an exchange.
extension ConnectionHandler {
    func take(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            byteGuard.receivedHead()
            receivedHead(head)
        case .body(let piece):
            byteGuard.receivedBody(byteCount: piece.readableBytes)
            receivedBody(piece)
        case .end:
            byteGuard.receivedEnd()
            receivedEnd()
        }
    }

    private func receivedHead(_ head: HTTPRequestHead) {
        guard case .head = input else { return }
        input = .body
        headBegan = nil
        let fields = HeaderFields(head.headers)
        let method = head.method.rawValue
        do throws(RequestDefect) {
            let facts = try RequestHeadCheck.facts(
                method: method,
                target: head.uri,
                majorVersion: head.version.major,
                minorVersion: head.version.minor,
                fields: fields
            )
            allowsChunks = head.version.minor >= 1
            expectsBody = facts.isChunked || (facts.contentLength ?? 0) > 0
            begin(RequestHead(method: method, target: head.uri, fields: fields, facts: facts))
        } catch {
            refuse(Refusal(error), lingers: true)
        }
    }

    /// Decides who answers a sound request.
    private func begin(_ request: RequestHead) {
        closesAfterAnswer = !request.facts.keepsAlive || services.isDraining
        if request.facts.offersUpgrade { return receivedUpgrade(request) }
        serve(request)
    }

    private func serve(_ request: RequestHead) {
        if administers(request) { return }
        guard duties.servesData else { return refuse(.unknownPath, lingers: request.hasBody) }
        guard !services.isDraining else { return refuse(.draining, lingers: request.hasBody) }
        beginExchange(request)
    }

    /// NIO's decoder parses nothing after a request with `Connection: upgrade`, so the connection ends with it.
    ///
    /// RFC 9110 §7.8 lets a server ignore an upgrade it does not know (curl offers h2c to every server); a body
    /// behind one cannot be read any more.
    private func receivedUpgrade(_ request: RequestHead) {
        closesAfterAnswer = true
        byteGuard.dropsEverything = true
        if request.fields.first("upgrade")?.lowercased() == "websocket" { return refuseUpgrade(.upgradeRequired) }
        if request.hasBody { return refuseUpgrade(.upgradeWithBody) }
        serve(request)
    }

    private func refuseUpgrade(_ refusal: Refusal) {
        refuse(refusal, lingers: false)
        close()
    }

    private func beginExchange(_ request: RequestHead) {
        guard let context else { return }
        let driver = ExchangeDriver(
            services: services,
            eventLoop: context.eventLoop,
            workerIndex: workerIndex,
            connection: self
        )
        self.driver = driver
        if request.facts.expectsContinue, request.hasBody { pendingContinue = true }
        driver.receivedHead(request)
        if pendingContinue, driver.takesBody { sendContinue() }
    }

    /// RFC 9110 §10.1.1: sent only once the request has been accepted so far.
    private func sendContinue() {
        pendingContinue = false
        guard let context, !writer.isOpen else { return }
        var line = context.channel.allocator.buffer(capacity: 32)
        line.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(line), promise: nil)
    }

    private func receivedBody(_ piece: ByteBuffer) {
        switch input {
        case .body: driver?.receivedBody(piece)
        case .discarding(let remaining): discard(piece.readableBytes, of: remaining)
        case .head, .complete, .closed: break
        }
    }

    private func discard(_ byteCount: Int, of remaining: Int) {
        guard byteCount <= remaining else { return close() }
        input = .discarding(remainingBytes: remaining - byteCount)
    }

    private func receivedEnd() {
        expectsBody = false
        switch input {
        case .body:
            input = .complete
            if let driver { driver.receivedEnd() } else if !awaitsAdmin { answerIsDone() }
        case .discarding: close()
        case .head, .complete, .closed: break
        }
    }
}

/// Answers of our own.
extension ConnectionHandler {
    /// Sends an error envelope; `lingers` when a body may still be arriving, which nobody will read.
    func refuse(_ refusal: Refusal, lingers: Bool) {
        services.recorder.refused(refusal)
        send(OwnAnswer(refusal), lingers: lingers)
    }

    /// Hands the request to the admin surface, which answers when it is done; false for other paths.
    private func administers(_ request: RequestHead) -> Bool {
        guard let admin = duties.admin, let context else { return false }
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        let (eventLoop, isHead, hasBody) = (context.eventLoop, request.method == "HEAD", request.hasBody)
        awaitsAdmin = admin(AdminRequest(request)) { answer in
            eventLoop.execute { connection.value.answer(answer, withoutBody: isHead, lingers: hasBody) }
        }
        return awaitsAdmin
    }

    private func answer(_ answer: AdminAnswer, withoutBody: Bool, lingers: Bool) {
        guard awaitsAdmin else { return }
        awaitsAdmin = false
        send(OwnAnswer(answer, withoutBody: withoutBody), lingers: lingers)
        if case .complete = input { answerIsDone() }
        flush()
        updateDeadline()
    }

    /// Writes a whole answer at once; the request's end, when it comes, completes it.
    func send(_ answer: OwnAnswer, lingers: Bool) {
        if lingers || input.isAbnormal { closesAfterAnswer = true }
        writer.open(answer.head, allowsChunks: allowsChunks, closes: closesAfterAnswer)
        writer.send(ByteBuffer(bytes: answer.body), write: write)
        writer.end()
        if lingers { linger() } else if input.isAbnormal { close() }
    }

    func write(_ buffer: ByteBuffer) { context?.write(wrapOutboundOut(buffer), promise: nil) }

    /// Stops sending, reads on for a bounded while, then closes: a close with unread bytes would reset the
    /// connection and could destroy the answer on its way (RFC 9112 §9.6).
    func linger() {
        flush()
        input = .discarding(remainingBytes: Self.lingerLimitBytes)
        driver = nil
        context?.close(mode: .output, promise: nil)
        timer?.set(.now() + Self.lingerTime)
    }
}

extension ConnectionHandler.Input {
    /// Whether no request is being taken: a parse error, or a connection on its way out.
    var isAbnormal: Bool { if case .closed = self { true } else { false } }
}
