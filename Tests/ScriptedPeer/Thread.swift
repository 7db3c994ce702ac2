import Glibc

/// Runs `body` on its own thread.
public func inNewThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let result = pthread_create(
        &thread,
        nil,
        { context in
            // Never nil: it is the box below.
            Unmanaged<Box>.fromOpaque(context.unsafelyUnwrapped).takeRetainedValue().body()
            return nil
        },
        Unmanaged.passRetained(Box(body)).toOpaque()
    )
    precondition(result == 0, "no thread: \(result)")
    pthread_detach(thread)
}
