import NIOCore
import NIOHTTP1
import SteelyardExchange

/// What an exchange's driver asks of its connection.
extension ConnectionHandler {
    /// The head of the provider's answer.
    func open(_ head: ClientHead) {
        if services.isDraining { closesAfterAnswer = true }
        writer.open(head, allowsChunks: allowsChunks, closes: closesAfterAnswer)
        if writer.endsByClosing { closesAfterAnswer = true }
    }

    /// A piece of its body.
    func send(_ piece: ByteBuffer) { writer.send(piece, write: write) }

    /// The answer is whole.
    func finish() {
        writer.end()
        driver = nil
        answerIsDone()
    }

    /// The provider's answer broke off: it breaks here too, after the bytes that came.
    func breakOff() {
        driver = nil
        abort()
    }

    /// A refusal in place of an answer of which nothing has been sent.
    func answer(_ refusal: Refusal) {
        driver = nil
        send(OwnAnswer(refusal), lingers: expectsBody)
        if case .complete = input { answerIsDone() }
    }

    /// The next request may be taken, or the connection ends.
    func answerIsDone() {
        switch input {
        case .complete where closesAfterAnswer: close()
        case .complete: takeNextRequest()
        case .body where expectsBody:
            // The answer came before the request was whole: what is left of the body belongs to nobody.
            linger()
        case .body: break
        case .head, .discarding, .closed: break
        }
    }

    private func takeNextRequest() {
        input = .head
        if !queue.isEmpty { setReading(true) }
        while case .head = input, let part = queue.popFirst() { takeQueued(part) }
        updateDeadline()
    }

    /// Parts of one queued request follow each other until it is whole.
    private func takeQueued(_ first: HTTPServerRequestPart) {
        take(first)
        while !input.isWaiting, let part = queue.popFirst() { take(part) }
    }
}

extension ConnectionHandler.Input {
    /// Whether no further part may be taken now.
    fileprivate var isWaiting: Bool {
        switch self {
        case .complete, .closed: true
        case .head, .body, .discarding: false
        }
    }
}

/// Time.
extension ConnectionHandler {
    /// One timer for whatever the connection is waiting for.
    func updateDeadline() {
        guard let context, let timer else { return }
        switch input {
        case .discarding, .closed: return
        case .head: timer.set(.now() + (byteGuard.headIsPartial ? headerWait : services.limits.idleTimeout))
        case .body: timer.set(.now() + services.limits.bodyTimeout)
        case .complete:
            let stall = NIODeadline.now() + services.limits.writeStallTimeout
            timer.set(context.channel.isWritable ? driver?.deadline : stall)
        }
    }

    /// The header timeout counts from the first byte: a later byte must not extend it.
    private var headerWait: TimeAmount {
        guard let began = headBegan else {
            headBegan = .now()
            return services.limits.headerTimeout
        }
        return began + services.limits.headerTimeout - .now()
    }

    func deadlinePassed() {
        switch input {
        case .head where byteGuard.headIsPartial: refuseSlowRequest(.headTimeout)
        case .body where !writer.isOpen && driver?.awaitsProvider != true: refuseSlowRequest(.bodyTimeout)
        case .complete where !isWritable: checkStall()
        case .complete, .body: driver?.timePassed()
        case .head: close()
        case .discarding, .closed: context?.close(promise: nil)
        }
        if case .complete = input { updateDeadline() }
    }

    private func refuseSlowRequest(_ refusal: Refusal) {
        driver?.requestTimedOut(refusal)
        driver = nil
        input = .closed
        refuse(refusal, lingers: false)
    }

    /// A slow reader is not a stalled one: the deadline moves as long as bytes are taken.
    private func checkStall() {
        let waiting = (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if waiting == stalledBytes { return close() }
        stalledBytes = waiting
    }
}
