import Dispatch

/// A moment that script threads and tests wait for; raised once per wait.
public final class Signal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    /// A signal that has not been raised.
    public init() {}

    /// Ends one wait, now or later.
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
