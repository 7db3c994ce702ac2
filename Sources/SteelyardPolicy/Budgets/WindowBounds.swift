/// The instants between which one window of a budget lasts.
public struct WindowBounds: Hashable, Sendable {
    /// The first second that belongs to it, since 1970.
    public var startSeconds: Int64
    /// The first second that no longer does.
    public var endSeconds: Int64

    /// Makes bounds.
    public init(startSeconds: Int64, endSeconds: Int64) {
        self.startSeconds = startSeconds
        self.endSeconds = endSeconds
    }

    /// Whether an instant lies within.
    public func contains(_ seconds: Int64) -> Bool { startSeconds <= seconds && seconds < endSeconds }
}

/// Finds the window around an instant: `(period, startsOn, timeZone, nowSeconds)`.
///
/// Months, weeks and days are those of the zone's calendar, which only a shell knows. It is asked when a window has run
/// out, while admissions wait: once per kind of window, not once per team.
public typealias WindowCalendar =
    @Sendable (BudgetPeriod, _ startsOn: Int, _ timeZone: String, _ nowSeconds: Int64) ->
    WindowBounds
