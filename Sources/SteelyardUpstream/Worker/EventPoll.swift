import CCurl
import Glibc

/// The epoll instance of one worker.
///
/// A socket that libcurl does not watch between two requests stays registered: removing and adding it would be two
/// system calls per request. If it becomes ready while nobody waits for it, it is removed then and reported as
/// disturbed.
final class EventPoll {
    /// What is known about one descriptor.
    private struct Watch {
        /// Distinguishes it from an earlier descriptor with the same number, whose event may still be in the batch.
        var generation: UInt32 = 0
        /// The events that the kernel watches; 0 if it is not registered.
        var registered: UInt32 = 0
        /// The events that libcurl waits for; 0 if it does not wait.
        var wanted: UInt32 = 0
    }

    private let descriptor: Int32
    private var watches: [Watch] = []
    private let batch: UnsafeMutableBufferPointer<epoll_event>

    /// Opens an instance that also reports writes to `wake`, an eventfd.
    init(wake: Int32) throws {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw UpstreamSetupError(step: "epoll_create1", code: errno) }
        batch = .allocate(capacity: 256)
        batch.initialize(repeating: epoll_event())
        // Edge-triggered: each write is reported once, and nobody has to read the counter.
        guard ccurl_epoll_control(descriptor, EPOLL_CTL_ADD, wake, ccurl_epoll_in | ccurl_epoll_edge, Self.wakeTag) == 0
        else { throw UpstreamSetupError(step: "epoll_ctl", code: errno) }
    }

    deinit {
        batch.deallocate()
        close(descriptor)
    }

    private static let wakeTag = UInt64.max

    /// Starts or changes watching a descriptor.
    func watch(_ watched: Int32, for events: UInt32) {
        grow(to: watched)
        let index = Int(watched)
        watches[index].wanted = events
        guard watches[index].registered != events else { return }
        let operation = watches[index].registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        let tag = UInt64(watches[index].generation) << 32 | UInt64(UInt32(bitPattern: watched))
        if ccurl_epoll_control(descriptor, operation, watched, events, tag) == 0 {
            watches[index].registered = events
        }
    }

    /// Nobody waits for the descriptor now. It stays open, and its closing will be reported by ``closed(_:)``.
    func rest(_ watched: Int32) {
        grow(to: watched)
        watches[Int(watched)].wanted = 0
    }

    /// Makes sure that a descriptor at rest is reported when it becomes ready: it may have been removed while its
    /// transfer was paused.
    func keep(_ watched: Int32) {
        grow(to: watched)
        guard watches[Int(watched)].registered == 0 else { return }
        watch(watched, for: ccurl_epoll_in)
        rest(watched)
    }

    /// Stops watching a descriptor whose closing is not reported.
    func unwatch(_ watched: Int32) {
        grow(to: watched)
        if watches[Int(watched)].registered != 0 {
            _ = ccurl_epoll_control(descriptor, EPOLL_CTL_DEL, watched, 0, 0)
        }
        closed(watched)
    }

    /// The descriptor is about to be closed, which also removes it from the kernel's list.
    func closed(_ watched: Int32) {
        grow(to: watched)
        watches[Int(watched)] = Watch(generation: watches[Int(watched)].generation &+ 1)
    }

    private func grow(to watched: Int32) {
        guard watched >= watches.count else { return }
        watches.append(contentsOf: repeatElement(Watch(), count: Int(watched) + 64 - watches.count))
    }

    /// Waits at most `milliseconds` (−1: without limit). Calls `ready` for each descriptor that can continue, and
    /// `disturbed` for each that became ready at rest. Returns true if the wake descriptor was written to.
    func wait(
        milliseconds: Int32,
        ready: (_ descriptor: Int32, _ events: UInt32) -> Void,
        disturbed: (_ descriptor: Int32) -> Void
    ) -> Bool {
        var isWoken = false
        let count = epoll_wait(descriptor, batch.baseAddress, Int32(batch.count), milliseconds)
        for index in 0..<max(0, Int(count)) {
            let tag = withUnsafePointer(to: batch[index]) { ccurl_epoll_tag($0) }
            guard tag != Self.wakeTag else {
                isWoken = true
                continue
            }
            let watched = Int32(truncatingIfNeeded: tag)
            guard watches[Int(watched)].generation == UInt32(tag >> 32) else { continue }
            if watches[Int(watched)].wanted != 0 {
                ready(watched, batch[index].events)
            } else {
                takeOut(watched)
                disturbed(watched)
            }
        }
        return isWoken
    }

    private func takeOut(_ watched: Int32) {
        _ = ccurl_epoll_control(descriptor, EPOLL_CTL_DEL, watched, 0, 0)
        watches[Int(watched)].registered = 0
    }
}
