/// The wall clock as budgets use it: it may stand still, and it never goes back on its own.
struct BudgetClock {
    /// Daylight saving and a corrected clock step back by hours; a day plus one hour covers a mistake about any time
    /// zone. A clock that was further ahead than this was wrong, and waiting for the time to catch up would lock every
    /// team out for that long.
    static let toleratedStepSeconds: Int64 = 25 * 3600

    /// The latest instant seen; nil before the first.
    private(set) var seconds: Int64?

    /// The result of one reading.
    enum Reading: Hashable {
        /// Use this instant.
        case steady(Int64)
        /// The clock has gone back too far to wait for it. The earlier instant is used from now on.
        case followedBack(from: Int64, to: Int64)
    }

    /// Takes a reading of the wall clock.
    mutating func received(_ wallSeconds: Int64) -> Reading {
        guard let latest = seconds, wallSeconds < latest else {
            seconds = wallSeconds
            return .steady(wallSeconds)
        }
        let step = latest.subtractingReportingOverflow(wallSeconds)
        guard step.overflow || step.partialValue > Self.toleratedStepSeconds else { return .steady(latest) }
        seconds = wallSeconds
        return .followedBack(from: latest, to: wallSeconds)
    }
}
