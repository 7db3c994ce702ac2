import CCurl
import Glibc

/// The thread of a dialer.
struct DialerThread: Sendable {
    private let thread: pthread_t

    /// Starts it; from here on, only the thread touches `loop`.
    init(running loop: sending DialLoop) throws(DialerSetupError) {
        let owned = Unmanaged.passRetained(loop)
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            nil,
            { context in
                // Never nil: it is the `owned` below.
                let loop = Unmanaged<DialLoop>.fromOpaque(context.unsafelyUnwrapped).takeRetainedValue()
                loop.run()
                return nil
            },
            owned.toOpaque()
        )
        guard result == 0 else {
            owned.release()
            throw DialerSetupError(step: "pthread_create", code: result)
        }
        ccurl_name_thread(thread, "dialer")
        self.thread = thread
    }

    /// Waits until it has ended. A dialer whose last reference goes in one of its completions cannot wait for itself.
    func join() {
        if pthread_equal(thread, pthread_self()) != 0 { pthread_detach(thread) } else { pthread_join(thread, nil) }
    }
}
