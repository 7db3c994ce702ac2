import CCurl
import Glibc

/// The thread of one worker.
struct WorkerThread: Sendable {
    private let thread: pthread_t

    /// Starts it; from here on, only the thread touches `loop`.
    init(running loop: sending WorkerLoop) throws {
        let owned = Unmanaged.passRetained(loop)
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            nil,
            { context in
                // Never nil: it is the `owned` below.
                let loop = Unmanaged<WorkerLoop>.fromOpaque(context.unsafelyUnwrapped).takeRetainedValue()
                loop.run()
                return nil
            },
            owned.toOpaque()
        )
        guard result == 0 else {
            owned.release()
            throw UpstreamSetupError(step: "pthread_create", code: result)
        }
        ccurl_name_thread(thread, "upstream")
        self.thread = thread
    }

    /// Waits until it has ended.
    func join() { pthread_join(thread, nil) }
}
