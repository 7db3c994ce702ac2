/// How one budget stands in its current window.
public struct BudgetStanding: Hashable, Sendable {
    /// Whose budget.
    public var scope: BudgetScope
    /// The budget; its limit is the one in force.
    public var rule: BudgetRule
    /// When its window begins and ends; the end is the reset.
    public var bounds: WindowBounds
    /// What the window's charges have cost.
    public var spent: MoneySum
    /// What is set aside for requests that are not over.
    public var reserved: MoneySum
    /// The most by which those requests can still go beyond what is set aside for them.
    public var exposure: MoneySum
    /// By how much settlements have gone over the limit since the process began; only of budgets that block.
    public var overshoot: MoneySum
}

/// How one team stands.
public struct TeamStanding: Hashable, Sendable {
    /// The team.
    public var team: String
    /// Its requests under way.
    public var inFlight: Int
    /// Its rate of requests; nil when there is no limit.
    public var requests: RateStanding?
    /// Its rate of tokens; nil when there is no limit.
    public var tokens: RateStanding?
}

/// What admission counts of itself.
public struct AdmissionCounts: Hashable, Sendable {
    /// Reservations of requests under way.
    public var inFlight: Int
    /// Reservations whose request is over and whose charge is still to come.
    public var deferred: Int
    /// Reservations that were dropped without an end since the process began: each is a mistake in Steelyard.
    public var leaks: Int
}

extension BudgetBook {
    /// Every budget of the configuration, in its window of now.
    mutating func standings(wallSeconds: Int64) -> [BudgetStanding] {
        let now = now(wallSeconds)
        for position in accounts.indices where accounts[position].phase == .inForce { moveOn(position, to: now) }
        return accounts.filter { $0.phase == .inForce }.map(BudgetStanding.init)
    }

    /// Every team of the configuration.
    func teamStandings(nanoseconds: UInt64) -> [TeamStanding] {
        teams.filter(\.isKnown).map { team in
            TeamStanding(
                team: team.team.name,
                inFlight: team.inFlight,
                requests: team.requests?.standing(at: nanoseconds),
                tokens: team.tokens?.standing(at: nanoseconds)
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
