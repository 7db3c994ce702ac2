public import NIOCore
public import SteelyardExchange

/// One thread that runs transfers; made by an ``UpstreamPool``.
public final class UpstreamWorker: Sendable {
    let inbox: WorkerInbox

    init(inbox: WorkerInbox) { self.inbox = inbox }

    /// Starts a transfer and returns at once, from any thread.
    ///
    /// - Parameters:
    ///   - plan: What to send, and where. Its opening is passed to the pool's `onOpenings` before the request can be
    ///     sent; its edit has been made in `body`.
    ///   - body: What is sent after the head.
    ///   - eventLoop: Where `observer` is called.
    ///   - observer: Receives every event; kept until it has received the end.
    /// - Returns: The owner's handle for the transfer. ``TransferEvent/ended(_:)`` comes exactly once, whatever
    ///   happens.
    public func start(
        _ plan: UpstreamPlan,
        body: UpstreamBody,
        on eventLoop: any EventLoop,
        observer: any TransferObserver
    ) -> UpstreamTransfer {
        let transfer = UpstreamTransfer(inbox: inbox)
        let newcomer = Newcomer(
            plan: plan,
            body: body,
            eventLoop: eventLoop,
            observer: observer,
            transfer: transfer
        )
        if !inbox.push(.start(newcomer)) { newcomer.refuseAfterShutdown() }
        return transfer
    }
}
