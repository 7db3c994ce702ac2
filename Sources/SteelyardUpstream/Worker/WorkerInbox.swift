import CCurl
import Glibc
import NIOCore
import SteelyardExchange
import Synchronization

/// A request on its way to a worker.
struct Newcomer: Sendable {
    var plan: UpstreamPlan
    var body: UpstreamBody
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

/// What other threads ask a worker to do.
enum WorkerCommand: Sendable {
    /// Boxed, so that a command takes three words.
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
/// The eventfd is written only if no wake-up is pending. The first command after a ``take(into:)`` sets
/// `isWakePending`, and the next take clears it. So a queue that is not empty always has a wake-up that is on its way
/// or already reported.
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

    /// Takes all commands. The queue keeps the storage of `empty`, which holds no commands, for the next ones.
    func take(into empty: inout [WorkerCommand]) {
        state.withLock { state in
            swap(&state.commands, &empty)
            state.isWakePending = false
        }
    }

    /// Accepts no more commands and returns those that nobody will carry out.
    func closed() -> [WorkerCommand] {
        state.withLock { state in
            state.isClosed = true
            defer { state.commands = [] }
            return state.commands
        }
    }
}
