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

    /// Sends the bytes that this tick has collected.
    func flush() {
        if writer.hasPending { write(writer.takePending()) }
        guard hasUnflushed else { return }
        hasUnflushed = false
        context?.flush()
    }

    /// Ends the connection after the written bytes have been sent: NIO's own close would drop them.
    func close() {
        guard !isClosing, let context else { return }
        becomeClosed()
        let channel = context.channel
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }

    /// Stops sending, reads on for a limited time, then closes. A close with unread bytes would reset the connection
    /// and could destroy the answer on its way (RFC 9112 §9.6).
    func linger() {
        // Nothing more comes after the end of the input.
        guard services.guards.contains(.lingeringClose), !inputEnd.hasCome else { return close() }
        guard !isClosing, let context else { return }
        becomeClosed()
        byteGuard.discard(upTo: services.linger.byteCount)
        setReading(true)
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenSuccess { [weak self] in self?.beganLingering() }
        context.close(mode: .output, promise: sent)
    }

    /// The answer has been sent: from here on, waiting costs only the client.
    private func beganLingering() {
        guard context != nil else { return }
        timer?.set(.now() + services.linger.time)
    }

    /// Ends the connection so that the client cannot take what it has for a whole answer.
    ///
    /// The client notices a missing last chunk or a short counted body; an answer that ends by closing needs a reset.
    func abort() {
        if writer.endsByClosing { closeByReset() }
        close()
    }

    /// Ends the connection now. Bytes that wait to be sent are lost, and the client sees a reset.
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

    /// A slow client may need time for the written bytes: the connection waits as long as the client takes bytes.
    private func awaitProgress() {
        progress.stalled(at: .now(), waiting: waitingBytes)
        timer?.set(.now() + services.limits.writeStallTimeout)
    }

    /// An ending connection has not ended by its deadline. A close, unlike a cut, still sends the bytes that the kernel
    /// has taken.
    func endingTookTooLong() {
        let waiting = waitingBytes
        guard waiting > 0 else { return context?.close(promise: nil) ?? () }
        if progress.hasMoved(at: .now(), waiting: waiting) { awaitProgress() } else { cut() }
    }

    /// A linger of zero seconds turns the coming close into a reset (socket(7)).
    private func closeByReset() {
        guard let socket = context?.channel as? any SocketOptionProvider else { return }
        // On the loop, the option is set before this returns; a failure means that the socket is closed already.
        socket.setSoLinger(Glibc.linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
    }
}

/// The client sends nothing more.
extension ConnectionHandler {
    func receivedInputEnd() {
        let isChecked = services.guards.contains(.presenceCheck)
        inputEnd.came(asking: isChecked ? .now() + services.linger.presence : nil)
        switch input {
        // All answers have been sent.
        case .head: close()
        // An incomplete request gets no answer.
        case .body: context?.close(promise: nil)
        case .complete: updateDeadline()
        // Written bytes may still be on their way; the deadline of the ending connection limits the wait.
        case .closed: break
        }
    }

    /// Finds out whether a client that sends nothing more still waits. Every client has to skip an interim answer
    /// (RFC 9110 §15.2), and a closed socket replies to it with a reset. Within an answer, and in HTTP/1.0, no interim
    /// answer can be sent: there the client counts as gone.
    func askForPresence() {
        guard let context, !writer.isOpen, request.allowsChunks else { return context?.close(promise: nil) ?? () }
        sendContinue(context)
    }
}

/// Whether a client takes the bytes that wait for it.
struct WriteProgress {
    private var writtenBytes = 0
    private var takenBytes = 0
    /// When bytes began to wait, or last moved while others waited.
    private(set) var stalledSince = NIODeadline.now()

    /// Bytes were passed to the channel.
    mutating func wrote(_ byteCount: Int) { writtenBytes += byteCount }

    /// Too many of the passed bytes wait now: `waiting` of them.
    mutating func stalled(at now: NIODeadline, waiting: Int) {
        takenBytes = writtenBytes - waiting
        stalledSince = now
    }

    /// Whether the client has taken bytes since the last call; if so, the wait starts again.
    mutating func hasMoved(at now: NIODeadline, waiting: Int) -> Bool {
        guard writtenBytes - waiting > takenBytes else { return false }
        stalled(at: now, waiting: waiting)
        return true
    }
}
