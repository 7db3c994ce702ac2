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
    ///   - providers: The list ``UpstreamRequest/provider`` counts in; nil stands for the pool's newest when the worker
    ///     starts the transfer. A request routed by a configuration that a reload may replace meanwhile brings its own.
    ///   - opening: Goes to the pool's `onOpenings` before the request can leave.
    ///   - eventLoop: Where `observer` is called.
    ///   - observer: Told everything; kept until the end was told.
    /// - Returns: The owner's hold on the transfer. ``TransferEvent/ended(_:)`` comes exactly once, whatever happens.
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
