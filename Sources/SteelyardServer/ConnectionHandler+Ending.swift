import Glibc
import NIOCore

/// Sending, and the ways in which a connection ends.
extension ConnectionHandler {
    func write(_ buffer: ByteBuffer) {
        hasUnflushed = true
        progress.wrote(buffer.readableBytes)
        inputEnd.wrote()
        context?.write(wrapOutboundOut(buffer), promise: nil)
    }

    /// Sends what this tick has gathered.
    func flush() {
        if writer.hasPending { write(writer.takePending()) }
        guard hasUnflushed else { return }
        hasUnflushed = false
        context?.flush()
    }

    /// Ends the connection once the bytes already written have left: NIO's own close drops what waits.
    func close() {
        guard !isClosing, let context else { return }
        becomeClosed()
        let channel = context.channel
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }

    /// Stops sending, reads on for a bounded while, then closes: a close with unread bytes would reset the connection
    /// and could destroy the answer on its way (RFC 9112 §9.6).
    func linger() {
        // Nothing more comes behind the end of the input.
        guard services.guards.contains(.lingeringClose), !inputEnd.hasCome else { return close() }
        guard !isClosing, let context else { return }
        becomeClosed()
        byteGuard.discard(upTo: services.linger.byteCount)
        setReading(true)
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenSuccess { [weak self] in self?.beganLingering() }
        context.close(mode: .output, promise: sent)
    }

    /// The answer has left: from here on time is the client's to waste.
    private func beganLingering() {
        guard context != nil else { return }
        timer?.set(.now() + services.linger.time)
    }

    /// Ends the connection so that the client cannot take what it has for a whole answer.
    ///
    /// A missing last chunk or a short counted body is visible; an answer that ends by closing needs a reset.
    func abort() {
        if writer.endsByClosing { closeByReset() }
        close()
    }

    /// Ends the connection now; what waits to be sent is lost, which the client sees as a reset.
    func cut() {
        closeByReset()
        context?.close(promise: nil)
    }

    private func becomeClosed() {
        isClosing = true
        flush()
        input = .closed
        held.removeAll()
        leaveExchange()
        awaitProgress()
    }

    /// What was written may take a slow client a while: it is waited for as long as bytes are taken.
    private func awaitProgress() {
        progress.stalled(at: .now(), waiting: waitingBytes)
        timer?.set(.now() + services.limits.writeStallTimeout)
    }

    /// An ending connection has made no end by its deadline. A close, unlike a cut, leaves what the kernel has taken
    /// on its way.
    func endingTookTooLong() {
        let waiting = waitingBytes
        guard waiting > 0 else { return context?.close(promise: nil) ?? () }
        if progress.hasMoved(at: .now(), waiting: waiting) { awaitProgress() } else { cut() }
    }

    /// A linger of zero seconds turns the coming close into a reset (socket(7)).
    private func closeByReset() {
        guard let socket = context?.channel as? any SocketOptionProvider else { return }
        // On the loop the option is set before this returns; a failure means the socket is gone already.
        socket.setSoLinger(Glibc.linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
    }
}

/// The client sends nothing more.
extension ConnectionHandler {
    func receivedInputEnd() {
        let isChecked = services.guards.contains(.presenceCheck)
        inputEnd.came(asking: isChecked ? .now() + services.linger.presence : nil)
        switch input {
        // Its answers are out.
        case .head: close()
        // Half a request has no answer.
        case .body: context?.close(promise: nil)
        case .complete: updateDeadline()
        // What was written may be on its way still; the deadline of the ending connection bounds it.
        case .closed: break
        }
    }

    /// Finds out whether a client that sends nothing more still waits. An interim response is for every client to skip
    /// (RFC 9110 §15.2), and a closed socket answers it by a reset. Within an answer, and in HTTP/1.0, there is no such
    /// thing to send: there the client counts as gone.
    func askForPresence() {
        guard let context, !writer.isOpen, request.allowsChunks else { return context?.close(promise: nil) ?? () }
        sendContinue(context)
    }
}

/// Whether a client takes the bytes that wait for it.
struct WriteProgress {
    private var writtenBytes = 0
    private var takenBytes = 0
    /// When bytes began to wait, or last moved while they waited.
    private(set) var stalledSince = NIODeadline.now()

    /// Bytes were handed to the channel.
    mutating func wrote(_ byteCount: Int) { writtenBytes += byteCount }

    /// So many of the bytes handed over wait now, which is too many.
    mutating func stalled(at now: NIODeadline, waiting: Int) {
        takenBytes = writtenBytes - waiting
        stalledSince = now
    }

    /// Whether bytes were taken since this was last asked; if so, the wait begins anew.
    mutating func hasMoved(at now: NIODeadline, waiting: Int) -> Bool {
        guard writtenBytes - waiting > takenBytes else { return false }
        stalled(at: now, waiting: waiting)
        return true
    }
}
