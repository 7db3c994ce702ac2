/// The state of one budget in its current window.
public struct BudgetStanding: Hashable, Sendable {
    /// Whose budget.
    public var scope: BudgetScope
    /// The budget, with the limit in force.
    public var rule: BudgetRule
    /// When its window begins and ends. The end is the reset.
    public var bounds: WindowBounds
    /// What the window's charges have cost.
    public var spent: MoneySum
    /// What is reserved for requests in progress and for deferred charges.
    public var reserved: MoneySum
    /// How much more than their reservations those requests can still cost, at most.
    public var exposure: MoneySum
    /// By how much settlements have exceeded the limit since the process started; only for budgets that block.
    public var overshoot: MoneySum
}

/// The state of one team.
public struct TeamStanding: Hashable, Sendable {
    /// The team.
    public var team: String
    /// The number of its requests in progress.
    public var inFlight: Int
    /// Its request rate; nil when there is no limit.
    public var requests: RateStanding?
    /// Its token rate; nil when there is no limit.
    public var tokens: RateStanding?
}

/// What admission counts about its reservations.
public struct AdmissionCounts: Hashable, Sendable {
    /// Reservations of requests in progress.
    public var inFlight: Int
    /// Reservations whose request has ended and whose charge is not settled yet.
    public var deferred: Int
    /// Reservations that were dropped without being ended, since the process started. Each is a bug in Steelyard.
    public var leaks: Int
}

extension BudgetBook {
    /// The state of every budget of the configuration, in its current window.
    mutating func standings(wallSeconds: Int64) -> [BudgetStanding] {
        let now = now(wallSeconds)
        for position in accounts.indices where accounts[position].phase == .inForce { moveOn(position, to: now) }
        return accounts.filter { $0.phase == .inForce }.map(BudgetStanding.init)
    }

    /// The state of every team of the configuration.
    func teamStandings(at now: Tick) -> [TeamStanding] {
        teams.filter(\.isKnown).map { team in
            TeamStanding(
                team: team.team.name,
                inFlight: team.inFlight,
                requests: team.requests?.standing(at: now),
                tokens: team.tokens?.standing(at: now)
            )
        }
    }

    var counts: AdmissionCounts {
        AdmissionCounts(
            inFlight: holds.count - freeHolds.count - deferredHolds.count,
            deferred: deferredHolds.count,
            leaks: leakCount
        )
    }
}

extension BudgetStanding {
    fileprivate init(_ account: BudgetAccount) {
        self.init(
            scope: account.identity.scope,
            rule: account.rule,
            bounds: account.current.bounds,
            spent: MoneySum(account.current.settled),
            reserved: MoneySum(account.current.reserved),
            exposure: MoneySum(account.current.exposure),
            overshoot: MoneySum(account.overshoot)
        )
    }
}
