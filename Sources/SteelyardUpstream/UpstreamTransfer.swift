public import NIOCore

/// The owner's hold on a running transfer; every method may be called from any thread and after the end.
public final class UpstreamTransfer: Sendable {
    /// What was handed over and not taken yet.
    let credit = Credit()
    private let inbox: WorkerInbox

    init(inbox: WorkerInbox) { self.inbox = inbox }

    /// The client took `byteCount` bytes of the answer (of ``TransferEvent/piece(raw:decoded:)``'s `raw`).
    ///
    /// Beyond 64 KiB that were handed over and not taken, the transfer waits; it goes on at half of that.
    public func consumed(_ byteCount: Int) {
        if credit.consumed(byteCount) { inbox.push(.resume(self)) }
    }

    /// Gives the next piece of a streamed body. Each ``TransferEvent/wantsBody`` asks for one piece; more are taken,
    /// but then the caller is the one who bounds the memory.
    public func send(_ piece: ByteBuffer) { inbox.push(.send(self, piece)) }

    /// Ends a streamed body. A body shorter than its declared length ends the transfer as cancelled.
    public func sendEnd() { inbox.push(.sendEnd(self)) }

    /// Stops the transfer at once and closes its connection; ``TransferEvent/ended(_:)`` still comes.
    public func cancel() { inbox.push(.cancel(self)) }
}
