import CCurl
import Synchronization

/// What other threads ask the dialer's thread to do.
enum DialCommand: Sendable {
    case start(Dial)
    case cancel(Dial)
    case stop
}

/// The one way to the dialer's thread: a queue, and libcurl's own wake-up for a thread in `curl_multi_poll`.
final class DialInbox: Sendable {
    private struct State {
        var commands: [DialCommand] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    // Unsafe: other threads use it only for `curl_multi_wakeup`, which any thread may call (curl_multi_wakeup(3)), and
    // only under the lock of an inbox that is open. The loop closes the inbox before it frees the handle.
    private nonisolated(unsafe) let multi: UnsafeMutableRawPointer

    init(waking multi: UnsafeMutableRawPointer) { self.multi = multi }

    /// Queues a command; false when the thread has stopped.
    ///
    /// Only the first command of a queue wakes the thread. libcurl remembers a wake-up until the next poll, so a queue
    /// that is not empty is always taken.
    @discardableResult
    func push(_ command: DialCommand) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            if state.commands.isEmpty { curl_multi_wakeup(multi) }
            state.commands.append(command)
            return true
        }
    }

    /// Takes all commands.
    func take() -> [DialCommand] {
        state.withLock { state in
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// Accepts no more commands and returns those that nobody will carry out.
    func closed() -> [DialCommand] {
        state.withLock { state in
            state.isClosed = true
            defer { state.commands = [] }
            return state.commands
        }
    }
}
