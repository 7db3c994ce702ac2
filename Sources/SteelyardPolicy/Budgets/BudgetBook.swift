/// All budgets, rates and reservations: the state that ``Admission`` guards. Every change is a single step.
struct BudgetBook {
    /// A part of a reservation: one window of one budget.
    struct Share {
        var account: Int
        var serial: UInt32
    }

    /// A reservation.
    struct OpenHold {
        var charge: ChargeID
        var team: Int
        var key: String
        var model: String
        var hold: Int64
        var ceiling: Int64
        var tokens: Int64
        var openedAtSeconds: Int64
        /// The request has ended, and its charge is not settled yet.
        var isDeferred = false
        var isOpen = true
        var shares: [Share] = []

        /// How much more than its hold it can still cost.
        var exposure: Int64 { max(0, ceiling - hold) }
    }

    private static let eventLimit = 1024

    let calendar: WindowCalendar
    private var clock = BudgetClock()
    /// The current windows, so that the calendar is asked once for all budgets that begin and end together.
    private var windows: [WindowKind: WindowBounds] = [:]
    var accounts: [BudgetAccount] = []
    /// Positions of the organization's budgets.
    var organizationAccounts: [Int] = []
    var teams: [AdmittedTeam] = []
    var teamPositions: [String: Int] = [:]
    var holds: [OpenHold] = []
    var freeHolds: [Int] = []
    var deferredHolds: [ChargeID: Int] = [:]
    /// Knows the models' names. Nil: a model has only the name by which it is requested.
    var prices: PriceBook?
    /// Positions of the budgets that are being opened.
    var openings: [Int] = []
    /// The windows whose sums the ledger is being asked for.
    var asked: [Share] = []
    /// Charges that were closed while the ledger is being asked; nil when it is not.
    var closedWhileAsking: [ChargeID]?
    private(set) var events: [BudgetEvent] = []
    private(set) var leakCount = 0
    /// The budgets that apply to the current request. It is a member so that its memory is reused.
    var applicable: [Int] = []

    init(calendar: @escaping WindowCalendar) { self.calendar = calendar }

    /// The instant that was used last.
    var latest: Int64 { clock.seconds ?? 0 }

    /// The latest instant that was ever used.
    private(set) var furthest: Int64 = .min

    /// The instant to use for a reading of the wall clock.
    mutating func now(_ wallSeconds: Int64) -> Int64 {
        switch clock.received(wallSeconds) {
        case .steady(let seconds):
            furthest = max(furthest, seconds)
            return seconds
        case .followedBack(let from, let to):
            note(.clockWentBack(fromSeconds: from, toSeconds: to))
            return to
        }
    }

    mutating func note(_ event: BudgetEvent) {
        guard events.count < Self.eventLimit else { return }
        events.append(event)
    }

    mutating func noteLeak(team: String, hold: Int64) {
        leakCount += 1
        note(.leaked(team: team, hold: Picodollars(hold)))
    }

    mutating func takeEvents() -> [BudgetEvent] {
        defer { events = [] }
        return events
    }
}

// MARK: - Windows

extension BudgetBook {
    /// What decides when windows begin and end.
    private struct WindowKind: Hashable {
        var period: BudgetPeriod
        var startsOn: Int
        var timeZone: String
    }

    /// Moves a budget to the window around this instant, if its current window does not contain it.
    mutating func moveOn(_ account: Int, to seconds: Int64) {
        guard accounts[account].hasRunOut(at: seconds) else { return }
        let bounds = bounds(of: accounts[account].rule, at: seconds)
        let isNew = accounts[account].moveOn(to: seconds, bounds: bounds)
        // In a window that begins just now, no request can be in progress yet.
        if isNew, !accounts[account].current.isSummed { adopt(account, accounts[account].current.serial, prices) }
    }

    /// The window of a rule around an instant.
    mutating func bounds(of rule: BudgetRule, at seconds: Int64) -> WindowBounds {
        let kind = WindowKind(period: rule.period, startsOn: rule.startsOn, timeZone: rule.timeZone)
        if let known = windows[kind], known.contains(seconds) { return known }
        let bounds = calendar(rule.period, rule.startsOn, rule.timeZone, seconds).stretched(to: seconds)
        windows[kind] = bounds
        return bounds
    }
}

extension WindowBounds {
    /// The bounds, extended if necessary to contain an instant. Asking the calendar again for every request would be
    /// worse than a window of the wrong length.
    fileprivate func stretched(to seconds: Int64) -> WindowBounds {
        WindowBounds(
            startSeconds: min(startSeconds, seconds),
            endSeconds: max(endSeconds, seconds == .max ? .max : seconds + 1)
        )
    }
}
