public import NIOCore
public import SteelyardPolicy

/// One thread that runs transfers; made by an ``UpstreamPool``.
public final class UpstreamWorker: Sendable {
    let inbox: WorkerInbox

    init(inbox: WorkerInbox) { self.inbox = inbox }

    /// Starts a transfer and returns at once, from any thread.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - providers: The list in which ``UpstreamRequest/provider`` is a position; nil means the pool's newest list
    ///     when the worker starts the transfer. A reload may replace the configuration before that, so a request passes
    ///     the list with which it was routed.
    ///   - opening: Passed to the pool's `onOpenings` before the request can be sent.
    ///   - eventLoop: Where `observer` is called.
    ///   - observer: Receives every event; kept until it has received the end.
    /// - Returns: The owner's handle for the transfer. ``TransferEvent/ended(_:)`` comes exactly once, whatever
    ///   happens.
    public func start(
        _ request: UpstreamRequest,
        in providers: ProviderTable? = nil,
        opening: ChargeOpening?,
        on eventLoop: any EventLoop,
        observer: any TransferObserver
    ) -> UpstreamTransfer {
        let transfer = UpstreamTransfer(inbox: inbox)
        let newcomer = Newcomer(
            request: request,
            providers: providers,
            opening: opening,
            eventLoop: eventLoop,
            observer: observer,
            transfer: transfer
        )
        if !inbox.push(.start(newcomer)) { newcomer.refuseAfterShutdown() }
        return transfer
    }
}
