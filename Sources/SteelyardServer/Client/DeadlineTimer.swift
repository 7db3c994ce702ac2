import NIOCore
import SteelyardClock
import SteelyardPolicy

/// One deadline that moves often and expires rarely.
///
/// Moving it later costs an assignment: the scheduled task finds that it woke up too early and schedules itself again.
/// Cancelling and scheduling per request would cost a heap operation and three allocations each time.
final class DeadlineTimer {
    private let eventLoop: any EventLoop
    private let onExpiry: () -> Void
    private var task: Scheduled<Void>?
    private var wakesAt = Tick(nanoseconds: .max)
    private(set) var deadline: Tick?

    /// Calls `onExpiry` on `eventLoop` when a deadline has passed; the closure must not keep the owner alive.
    init(eventLoop: any EventLoop, onExpiry: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.onExpiry = onExpiry
    }

    /// Sets, moves or (with nil) clears the deadline.
    func set(_ deadline: Tick?) {
        self.deadline = deadline
        guard let deadline, task == nil || deadline < wakesAt else { return }
        task?.cancel()
        schedule(at: deadline)
    }

    /// Stops for good.
    func stop() {
        deadline = nil
        task?.cancel()
        task = nil
    }

    private func schedule(at instant: Tick) {
        wakesAt = instant
        task = eventLoop.assumeIsolated().scheduleTask(deadline: NIODeadline(instant)) { [weak self] in self?.woke() }
    }

    private func woke() {
        task = nil
        guard let deadline else { return }
        if deadline > .now() { return schedule(at: deadline) }
        self.deadline = nil
        onExpiry()
    }
}

extension NIODeadline {
    /// The same instant: both count nanoseconds of the monotonic clock.
    fileprivate init(_ tick: Tick) { self = .uptimeNanoseconds(tick.nanoseconds) }
}
