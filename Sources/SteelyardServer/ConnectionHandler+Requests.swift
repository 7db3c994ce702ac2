import NIOCore
import NIOHTTP1
import SteelyardExchange
import SteelyardWire

/// From decoded parts to an exchange.
extension ConnectionHandler {
    func take(_ next: HeldInput) {
        switch next {
        case .part(.head(let head)): receivedHead(head)
        case .part(.body(let piece)): receivedBody(piece)
        case .part(.end): receivedEnd()
        case .defect(let refusal): fail(refusal)
        }
    }

    /// Takes the held parts until none are left or the next answer is awaited.
    ///
    /// This is a loop, so that a request that is answered at once does not take the next one by recursion: thousands of
    /// small requests fit into one read.
    func takeHeld() {
        guard !isTakingHeld else { return }
        isTakingHeld = true
        defer { isTakingHeld = false }
        while input.takesParts, let next = held.popFirst() { take(next) }
        guard held.isEmpty else { return }
        if inputEnd.hasCome { endAfterLastAnswer() } else { setReading(true) }
    }

    /// The client sends nothing more; the connection ends if no answer is outstanding.
    private func endAfterLastAnswer() {
        switch input {
        case .head: close()
        case .body: context?.close(promise: nil)
        case .complete, .closed: break
        }
    }

    private func receivedBody(_ piece: ByteBuffer) {
        guard case .body = input else { return }
        request.pace.received(piece.readableBytes)
        driver?.receivedBody(piece)
    }

    private func receivedHead(_ head: HTTPRequestHead) {
        guard case .head = input else { return }
        input = .body
        headBegan = nil
        request = CurrentRequest()
        let fields = HeaderFields(head.headers)
        request.origin = fields.first("origin")
        let method = head.method.rawValue
        do throws(RequestDefect) {
            let facts = try RequestHeadCheck.facts(
                method: method,
                target: head.uri,
                majorVersion: head.version.major,
                minorVersion: head.version.minor,
                fields: fields
            )
            begin(RequestHead(method: method, target: head.uri, fields: fields, facts: facts), head.version)
        } catch {
            request.isHead = method == "HEAD"
            refuse(Refusal(error), lingers: true)
        }
    }

    /// Decides who answers a valid request.
    ///
    /// HTTP/1.0 connections end with their answer: to continue, the answer would need a `keep-alive` (RFC 9112 §C.2.2).
    private func begin(_ head: RequestHead, _ version: HTTPVersion) {
        let isHTTP11 = version.minor >= 1
        request.allowsChunks = isHTTP11
        request.isHead = head.method == "HEAD"
        request.expectsBody = head.hasBody
        request.closes = !head.facts.keepsAlive || !isHTTP11 || services.isDraining || isQuiescing
        if head.facts.offersUpgrade { receivedUpgrade(head) } else { serve(head) }
    }

    private func serve(_ head: RequestHead) {
        if administers(head) { return }
        guard duties.servesData else { return refuse(.unknownPath, lingers: head.hasBody) }
        guard !services.isDraining else { return refuse(.draining, lingers: head.hasBody) }
        guard !isSurplus else { return refuse(.overCapacity, lingers: true) }
        beginExchange(head)
    }

    /// NIO's decoder parses nothing after a request with `Connection: upgrade`, so the connection ends with it.
    ///
    /// RFC 9110 §7.8 lets a server ignore an upgrade that it does not know (curl offers h2c to every server). A request
    /// with a body and an upgrade is not trusted: the body may be read differently than its sender meant.
    private func receivedUpgrade(_ head: RequestHead) {
        request.closes = true
        if services.guards.contains(.upgradeDeafness), !head.hasBody { byteGuard.becomeDeaf() }
        if head.fields.first("upgrade")?.lowercased() == "websocket" { return refuse(.upgradeRequired, lingers: true) }
        if head.hasBody { return refuse(.upgradeWithBody, lingers: true) }
        serve(head)
    }

    private func beginExchange(_ head: RequestHead) {
        guard let context else { return }
        let driver = ExchangeDriver(
            services: services,
            eventLoop: context.eventLoop,
            workerIndex: workerIndex,
            connection: self
        )
        self.driver = driver
        driver.receivedHead(head)
        // After a refusal there is no driver any more.
        if head.facts.expectsContinue, head.hasBody, self.driver != nil { sendContinue(context) }
    }

    /// RFC 9110 §10.1.1: sent only when the request has passed all checks so far.
    func sendContinue(_ context: ChannelHandlerContext) {
        // Answers to earlier requests come first.
        flush()
        write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
        flush()
    }

    private func receivedEnd() {
        guard case .body = input else { return }
        input = .complete
        request.expectsBody = false
        setReading(true)
        if let driver { driver.receivedEnd() } else if !request.awaitsAdmin { answerIsDone() }
    }
}

/// The admin surface.
extension ConnectionHandler {
    /// Hands the request to the admin surface, which answers when it is done; false for other paths.
    private func administers(_ head: RequestHead) -> Bool {
        guard let admin = duties.admin, let context else { return false }
        let eventLoop = context.eventLoop
        let connection = NIOLoopBound(self, eventLoop: eventLoop)
        request.awaitsAdmin = admin(AdminRequest(head)) { answer in
            eventLoop.execute { connection.value.receivedAnswer(answer) }
        }
        return request.awaitsAdmin
    }

    private func receivedAnswer(_ answer: AdminAnswer) {
        guard request.awaitsAdmin else { return }
        request.awaitsAdmin = false
        send(OwnAnswer(answer), lingers: request.expectsBody)
        answerIsDone()
        flush()
        updateDeadline()
    }
}

extension ConnectionHandler.Input {
    /// Whether the next part may be taken now.
    fileprivate var takesParts: Bool {
        switch self {
        case .head, .body: true
        case .complete, .closed: false
        }
    }
}
