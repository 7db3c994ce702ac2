import NIOCore
import SteelyardMetrics
import Synchronization

/// Measures how late the event loops run their tasks: the one number that shows that something blocks them.
final class LoopLag: Sendable {
    /// When the task of one loop is due.
    private final class Watch: Sendable {
        let dueNanoseconds: Atomic<UInt64>

        init(due: NIODeadline) { dueNanoseconds = Atomic(due.uptimeNanoseconds) }
    }

    private static let period = TimeAmount.milliseconds(500)
    private let watches = Mutex<[Watch]>([])
    private let worstNanoseconds = Atomic<Int64>(0)
    private let isStopped = Atomic<Bool>(false)

    /// Watches every loop of a group until ``stop()``.
    func watch(_ group: any EventLoopGroup) {
        for loop in group.makeIterator() {
            let watch = Watch(due: .now() + Self.period)
            watches.withLock { $0.append(watch) }
            schedule(watch, on: loop)
        }
    }

    /// The worst lag since the last call. A loop that is blocked now counts with its lag so far.
    func takeWorst(at now: NIODeadline = .now()) -> Int64 {
        let overdue = watches.withLock { $0 }.map { Self.lag($0, at: now) }.max() ?? 0
        return max(worstNanoseconds.exchange(0, ordering: .relaxed), overdue)
    }

    /// Ends the watch. Call it before the group shuts down, because the group then accepts no new tasks.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    private func schedule(_ watch: Watch, on loop: any EventLoop) {
        guard !isStopped.load(ordering: .relaxed) else { return }
        let due = watch.dueNanoseconds.load(ordering: .relaxed)
        loop.scheduleTask(deadline: .uptimeNanoseconds(due)) {
            self.worstNanoseconds.max(Self.lag(watch, at: .now()), ordering: .relaxed)
            watch.dueNanoseconds.store((NIODeadline.now() + Self.period).uptimeNanoseconds, ordering: .relaxed)
            self.schedule(watch, on: loop)
        }
    }

    private static func lag(_ watch: Watch, at now: NIODeadline) -> Int64 {
        let due = NIODeadline.uptimeNanoseconds(watch.dueNanoseconds.load(ordering: .relaxed))
        return max(0, (now - due).nanoseconds)
    }
}
