import Dispatch
import Synchronization

/// A moment that script threads and tests wait for; raised once per wait.
final class Signal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func raise() { semaphore.signal() }

    /// Blocks a script's thread.
    func wait() { semaphore.wait() }

    /// Suspends a test.
    func raised() async {
        await withCheckedContinuation { continuation in
            inNewThread { [self] in
                wait()
                continuation.resume()
            }
        }
    }
}

/// A number that several threads add to.
final class Counter: Sendable {
    private let total = Atomic<Int>(0)

    var value: Int { total.load(ordering: .relaxed) }

    func add(_ count: Int) { total.add(count, ordering: .relaxed) }
}
