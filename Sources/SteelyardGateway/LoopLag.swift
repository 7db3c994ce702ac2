import NIOCore
import SteelyardMetrics
import Synchronization

/// How late the event loops run what is due: the one number that tells that something blocks them.
final class LoopLag: Sendable {
    private static let period = TimeAmount.milliseconds(500)
    private let worstNanoseconds = Atomic<Int64>(0)
    private let isStopped = Atomic<Bool>(false)

    /// Watches every loop of a group until ``stop()``.
    func watch(_ group: any EventLoopGroup) {
        for loop in group.makeIterator() { schedule(on: loop, due: .now() + Self.period) }
    }

    /// The worst lag since it was last asked for.
    func takeWorst() -> Int64 { worstNanoseconds.exchange(0, ordering: .relaxed) }

    /// Ends the watch; call before the group shuts down, which takes no new tasks.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    private func schedule(on loop: any EventLoop, due: NIODeadline) {
        guard !isStopped.load(ordering: .relaxed) else { return }
        loop.scheduleTask(deadline: due) {
            self.note((NIODeadline.now() - due).nanoseconds)
            self.schedule(on: loop, due: .now() + Self.period)
        }
    }

    private func note(_ lag: Int64) { worstNanoseconds.max(lag, ordering: .relaxed) }
}
