import NIOCore
import SteelyardClock
import SteelyardExchange
import SteelyardPolicy

/// Calls from an exchange's driver.
extension ConnectionHandler {
    /// The head of the provider's answer.
    func open(_ head: ClientHead) {
        if services.isDraining || isQuiescing || (inputEnd.hasCome && held.isEmpty) { request.closes = true }
        writer.open(head, allowsChunks: request.allowsChunks, closes: request.closes)
        if writer.endsByClosing { request.closes = true }
    }

    /// A piece of its body.
    func send(_ piece: ByteBuffer) { writer.send(piece, write: write) }

    /// A piece of its body that contains other bytes than the provider's.
    func send(copying piece: Span<UInt8>) { writer.send(copying: piece) }

    /// The answer is complete.
    func finish() {
        writer.end()
        answerIsDone()
    }

    /// The provider's answer broke off: the client's answer breaks off too, after the bytes that came.
    func breakOff() {
        driver = nil
        abort()
    }

    /// A refusal, when nothing of an answer has been sent; `id` is the exchange's.
    func answer(_ refusal: Refusal, id: ChargeID) {
        driver = nil
        send(own(refusal, id), lingers: request.expectsBody)
        answerIsDone()
    }

    /// The provider has room for more of the request's body.
    func readBody() { if case .body = input { setReading(true) } }
}

/// Answers of our own.
extension ConnectionHandler {
    /// Answers a request that never became an exchange. `lingers` ends the connection although the client may still be
    /// sending.
    func refuse(_ refusal: Refusal, lingers: Bool) {
        let id = ChargeID.unique(milliseconds: UInt64(clamping: WallClock.milliseconds()))
        services.recorder.refused(refusal, id: id)
        send(own(refusal, id), lingers: lingers)
    }

    private func own(_ refusal: Refusal, _ id: ChargeID) -> OwnAnswer {
        let allowed = services.recorder.rules.origins
        return OwnAnswer(refusal, id: id, to: AskingPage(origin: request.origin, allowed: allowed))
    }

    /// The current request (or what should have become one) is broken or too slow: nothing after it is read.
    func fail(_ refusal: Refusal) {
        request.awaitsAdmin = false
        guard let driver else { return refuse(refusal, lingers: true) }
        // After an answer has begun, no other can be sent: this counts as the client ending the exchange.
        guard !writer.isOpen else { return abort() }
        self.driver = nil
        driver.requestFailed(refusal)
        send(own(refusal, driver.id), lingers: true)
    }

    /// Writes a whole answer. `answerIsDone` decides what happens next, unless the connection ends here.
    func send(_ answer: OwnAnswer, lingers: Bool) {
        if lingers { request.closes = true }
        writer.open(answer.head, allowsChunks: request.allowsChunks, closes: request.closes)
        if !request.isHead { writer.send(copying: answer.body.span) }
        writer.end()
        if lingers { linger() }
    }

    /// The answer is complete: the connection takes the next request, or ends.
    func answerIsDone() {
        driver = nil
        switch input {
        case .complete where request.closes || isQuiescing:
            if byteGuard.hasDropped || !held.isEmpty { linger() } else { close() }
        case .complete:
            input = .head
            request = CurrentRequest()
            takeHeld()
        case .body where request.expectsBody:
            // The answer came before the request was complete: nobody needs the rest of the body.
            linger()
        case .head, .body, .closed: break
        }
    }
}
