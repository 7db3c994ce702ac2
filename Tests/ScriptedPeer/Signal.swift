import Dispatch

/// A moment that script threads and tests wait for; raised once per wait.
public final class Signal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    /// A signal that nobody has raised.
    public init() {}

    /// Lets one wait end, be it begun or to come.
    public func raise() { semaphore.signal() }

    /// Blocks a script's thread.
    public func wait() { semaphore.wait() }

    /// Suspends a test.
    public func raised() async {
        await withCheckedContinuation { continuation in
            inNewThread { [self] in
                wait()
                continuation.resume()
            }
        }
    }
}
