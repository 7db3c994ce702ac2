/// The wall clock as budgets see it: it may stand still, and it never goes back by itself.
struct BudgetClock {
    /// Daylight saving and a mended clock step back by hours; a day and an hour more covers every zone's mistake. A
    /// clock that was further ahead was wrong, and waiting for it would lock every team out for as long.
    static let toleratedStepSeconds: Int64 = 25 * 3600

    /// The latest instant seen; nil before the first.
    private(set) var seconds: Int64?

    /// What one reading came to.
    enum Reading: Hashable {
        /// This instant counts.
        case steady(Int64)
        /// The clock has gone back too far to wait for it: the earlier instant counts from now on.
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
