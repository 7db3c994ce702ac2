import SteelyardPolicy

/// Whether a client takes the bytes that wait for it.
struct WriteProgress: Sendable {
    private var writtenBytes = 0
    private var takenBytes = 0
    /// When bytes began to wait, or last moved while others waited.
    private(set) var stalledSince = Tick.zero

    /// Bytes were passed to the channel.
    mutating func wrote(_ byteCount: Int) { writtenBytes += byteCount }

    /// Too many of the passed bytes wait now: `waiting` of them.
    mutating func stalled(at now: Tick, waiting: Int) {
        takenBytes = writtenBytes - waiting
        stalledSince = now
    }

    /// Whether the client has taken bytes since the last call; if so, the wait starts again.
    mutating func hasMoved(at now: Tick, waiting: Int) -> Bool {
        guard writtenBytes - waiting > takenBytes else { return false }
        stalled(at: now, waiting: waiting)
        return true
    }
}
