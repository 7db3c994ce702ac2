import SteelyardPolicy

/// When the exchange began, by both clocks.
struct ExchangeClock: Sendable {
    /// When the head was received, by the monotonic clock.
    let start: Tick
    /// The same instant by the calendar, in seconds since 1970: it decides which prices are in force.
    let startSeconds: Int64

    /// The calendar's time at `now`. The start may be minutes ago, because a body can take that long.
    func seconds(at now: Tick) -> Int64 {
        startSeconds &+ Int64(clamping: now.nanoseconds(since: start) / 1_000_000_000)
    }
}
