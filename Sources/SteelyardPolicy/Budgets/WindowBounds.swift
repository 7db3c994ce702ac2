/// When one window of a budget begins and ends.
public struct WindowBounds: Hashable, Sendable {
    /// The first second of the window, since 1970.
    public var startSeconds: Int64
    /// The first second after the window, since 1970.
    public var endSeconds: Int64

    /// Makes bounds.
    public init(startSeconds: Int64, endSeconds: Int64) {
        self.startSeconds = startSeconds
        self.endSeconds = endSeconds
    }

    /// Whether an instant is inside the window.
    public func contains(_ seconds: Int64) -> Bool { startSeconds <= seconds && seconds < endSeconds }
}

/// Finds the window around an instant: `(period, startsOn, timeZone, nowSeconds)`.
///
/// Months, weeks and days are those of the time zone's calendar, which the policy code cannot know: the caller brings
/// it. It is asked when a window has run out, while admissions wait: once per kind of window, not once per team.
public typealias WindowCalendar =
    @Sendable (BudgetPeriod, _ startsOn: Int, _ timeZone: String, _ nowSeconds: Int64) ->
    WindowBounds
