public import NIOCore

/// The owner's handle for a running transfer; every method may be called from any thread, also after the end.
public final class UpstreamTransfer: Sendable {
    /// Counts the bytes that were handed over and not taken yet.
    let credit = Credit()
    private let inbox: WorkerInbox

    init(inbox: WorkerInbox) { self.inbox = inbox }

    /// The client took `byteCount` bytes of the answer (of ``TransferEvent/piece(raw:decoded:)``'s `raw`).
    ///
    /// If more than 64 KiB have been handed over and not taken, the transfer waits. It continues when less than half of
    /// that is left.
    public func consumed(_ byteCount: Int) {
        if credit.consumed(byteCount) { inbox.push(.resume(self)) }
    }

    /// Gives the next piece of a streamed body. Each ``TransferEvent/wantsBody`` asks for one piece. More pieces are
    /// accepted, but then the caller has to limit the memory.
    public func send(_ piece: ByteBuffer) { inbox.push(.send(self, piece)) }

    /// Ends a streamed body. A body shorter than its declared length ends the transfer as cancelled.
    public func sendEnd() { inbox.push(.sendEnd(self)) }

    /// Stops the transfer at once and closes its connection; ``TransferEvent/ended(_:)`` still comes.
    public func cancel() { inbox.push(.cancel(self)) }
}
