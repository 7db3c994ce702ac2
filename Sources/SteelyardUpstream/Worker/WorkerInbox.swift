import CCurl
import Glibc
import NIOCore
import SteelyardPolicy
import Synchronization

/// A request on its way to a worker.
struct Newcomer: Sendable {
    var request: UpstreamRequest
    /// The list its provider is counted in; nil stands for the worker's newest.
    var providers: ProviderTable?
    var opening: ChargeOpening?
    var eventLoop: any EventLoop
    var observer: any TransferObserver
    var transfer: UpstreamTransfer

    /// Ends it because there is no worker any more.
    func refuseAfterShutdown() { refuse(.cancelled, "the upstream pool is shut down") }

    /// Ends it before it began.
    func refuse(_ failure: TransferFailure, _ detail: String) {
        let end = TransferEnd(failure: failure, reachedProvider: false, detail: detail)
        let observer = observer
        eventLoop.execute { observer.received([.ended(end)]) }
    }
}

/// What other threads ask of a worker.
enum WorkerCommand: Sendable {
    /// Boxed, so that a command is three words.
    indirect case start(Newcomer)
    case resume(UpstreamTransfer)
    case send(UpstreamTransfer, ByteBuffer)
    case sendEnd(UpstreamTransfer)
    case cancel(UpstreamTransfer)
    case replaceProviders(ProviderTable)
    case stop
}

/// The one way into a worker: a queue and an eventfd in the worker's epoll.
///
/// The eventfd is written only when no wake is pending. `isWakePending` goes up with the first command after a
/// ``take(into:)`` and down with the next, so a queue that is not empty has a wake under way or already reported.
final class WorkerInbox: Sendable {
    private struct State {
        var commands: [WorkerCommand] = []
        var isWakePending = false
        var isClosed = false
    }

    private let state = Mutex(State())
    /// The eventfd, for the worker's epoll.
    let wake: Int32

    init() throws {
        wake = ccurl_eventfd()
        guard wake >= 0 else { throw UpstreamSetupError(step: "eventfd", code: errno) }
    }

    deinit { close(wake) }

    /// Queues a command; false when the worker has stopped.
    @discardableResult
    func push(_ command: WorkerCommand) -> Bool {
        let (isAccepted, needsWake) = state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.commands.append(command)
            defer { state.isWakePending = true }
            return (true, !state.isWakePending)
        }
        if needsWake {
            var one: UInt64 = 1
            // Cannot fail: the counter would have to be near 2⁶⁴.
            _ = write(wake, &one, 8)
        }
        return isAccepted
    }

    /// Takes all commands, leaving the storage of `empty` (which has none) for the next ones.
    func take(into empty: inout [WorkerCommand]) {
        state.withLock { state in
            swap(&state.commands, &empty)
            state.isWakePending = false
        }
    }

    /// Accepts nothing more and gives back what nobody will do.
    func closed() -> [WorkerCommand] {
        state.withLock { state in
            state.isClosed = true
            defer { state.commands = [] }
            return state.commands
        }
    }
}
