import Glibc
import Synchronization

/// One connection that is being opened. The caller keeps it only to cancel it.
public final class Dial: Sendable {
    /// Whose word about the end counts.
    private enum Stage: UInt8, AtomicRepresentable {
        /// Nobody's so far. Exits: `cancelled` by the caller, `ended` by the dialer's thread, whichever comes first.
        case open
        /// The caller has cancelled it. The dialer's thread still reports that.
        case cancelled
        /// Its result is being reported.
        case ended
    }

    let target: DialTarget
    let seconds: Double
    private let inbox: DialInbox
    private let completion: @Sendable (Result<Int32, DialFailure>) -> Void
    private let stage = Atomic(Stage.open)

    init(
        _ target: DialTarget,
        within seconds: Double,
        inbox: DialInbox,
        completion: @escaping @Sendable (Result<Int32, DialFailure>) -> Void
    ) {
        self.target = target
        self.seconds = seconds
        self.inbox = inbox
        self.completion = completion
    }

    /// Gives the connection up, from any thread. If the completion has not been called, it gets
    /// ``DialFailure/cancelled``, and never a descriptor; afterwards this does nothing.
    public func cancel() {
        if leave(for: .cancelled) { inbox.push(.cancel(self)) }
    }

    /// Whether the caller has cancelled it.
    var isCancelled: Bool { stage.load(ordering: .acquiring) == .cancelled }

    /// Reports the result; called once, by the dialer. A descriptor that comes after ``cancel()`` is closed here.
    func end(_ result: Result<Int32, DialFailure>) {
        if leave(for: .ended) { return completion(result) }
        if case .success(let descriptor) = result { close(descriptor) }
        completion(.failure(.cancelled))
    }

    private func leave(for next: Stage) -> Bool {
        stage.compareExchange(expected: .open, desired: next, ordering: .acquiringAndReleasing).exchanged
    }
}
