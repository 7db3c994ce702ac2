import SteelyardPolicy
import Synchronization

/// An admission with a clock and a calendar that a test sets.
struct BudgetScene: ~Copyable {
    /// Noon of 21 November 2026, UTC.
    static let noon: Int64 = 1_795_262_400

    let admission: Admission
    /// The queries to the ledger, in order.
    var asked: [SpendingQuery] { queries.withLock { $0 } }
    private let queries = Mutex<[SpendingQuery]>([])
    private var nextCharge: UInt64 = 0
    private let prices: PriceBook?
    var wallSeconds = noon
    /// When the latest charge of an earlier run was opened.
    private let recordedUntil: Int64
    var now = Tick(nanoseconds: 1_000_000_000_000)

    init(
        _ rules: AdmissionRules,
        calendar: @escaping WindowCalendar = utcWindows,
        at wallSeconds: Int64 = noon,
        spent: Int128 = 0,
        recordedUntil: Int64 = .min
    ) {
        self.wallSeconds = wallSeconds
        self.recordedUntil = recordedUntil
        prices = rules.prices
        admission = Admission(calendar: calendar)
        install(rules, spent: spent)
    }

    /// Takes rules; every new budget has spent that much.
    func install(_ rules: AdmissionRules, spent: Int128 = 0) {
        admission.install(rules, wallSeconds: wallSeconds, recordedUntil: recordedUntil) { new, _ in
            queries.withLock { $0 += new }
            return new.map { _ in MoneySum(spent) }
        }
    }

    /// Does what is due once a second: windows that were entered and may not be empty have so much spent.
    func passSecond(spent: Int128) {
        guard admission.awaitsSums(wallSeconds: wallSeconds) else { return }
        admission.sumWindows { new, _ in
            queries.withLock { $0 += new }
            return new.map { _ in MoneySum(spent) }
        }
    }

    /// Requests admission for a priced request of team `t`.
    mutating func admit(
        _ hold: Int64,
        ceiling: Int64? = nil,
        tokens: Int64 = 0,
        team: String = "t",
        key: String = "",
        model: String? = "m",
        bookModel: String? = nil,
        price: HoldEstimate.Price = .priced
    ) throws(Rejection) -> Reservation {
        nextCharge += 1
        return try admission.admit(
            AdmissionRequest(
                charge: ChargeID(high: 0, low: nextCharge),
                team: team,
                key: key,
                model: model,
                bookModels: bookModel.map { [$0] } ?? model.flatMap { prices?.names(of: $0) } ?? [],
                estimate: HoldEstimate(
                    price: price,
                    hold: Picodollars(hold),
                    ceiling: ceiling.map(Picodollars.init),
                    tokens: tokens
                ),
                now: now,
                wallSeconds: wallSeconds
            )
        )
    }

    /// Admits a request and settles it at once.
    mutating func spend(
        _ cost: Int64,
        hold: Int64? = nil,
        team: String = "t",
        key: String = "",
        model: String = "m",
        paid: String? = nil
    ) throws(Rejection) {
        try admit(hold ?? cost, team: team, key: key, model: model)
            .settle(cost: Picodollars(cost), tokens: nil, model: paid, at: now)
    }

    /// Why a request is refused; nil if it is admitted, and then it is released.
    mutating func refusal(
        _ hold: Int64 = 1,
        tokens: Int64 = 0,
        team: String = "t",
        key: String = "",
        model: String? = "m",
        bookModel: String? = nil,
        price: HoldEstimate.Price = .priced
    ) -> Rejection? {
        do throws(Rejection) {
            try admit(
                hold,
                tokens: tokens,
                team: team,
                key: key,
                model: model,
                bookModel: bookModel,
                price: price
            ).release(at: now)
            return nil
        } catch {
            return error
        }
    }

    /// The only budget, or the one of a scope.
    func standing(_ scope: BudgetScope = .team("t")) -> BudgetStanding? {
        admission.standings(wallSeconds: wallSeconds).first { $0.scope == scope }
    }

    /// Requests under way, jobs deferred, leaks.
    func counts() -> [Int] { [admission.counts.inFlight, admission.counts.deferred, admission.counts.leaks] }

    /// Spent and reserved of a budget, in picodollars.
    func money(_ scope: BudgetScope = .team("t")) -> [Int128] {
        standing(scope).map { [$0.spent.amount, $0.reserved.amount] } ?? []
    }
}

/// Windows of fixed lengths since 1970: hours and days as in UTC, months of thirty days.
let utcWindows: WindowCalendar = { period, _, _, seconds in
    let length: Int64 =
        switch period {
        case .hour: 3600
        case .day: 86_400
        case .week: 7 * 86_400
        case .month: 30 * 86_400
        case .year: 365 * 86_400
        }
    let start = seconds / length * length
    return WindowBounds(startSeconds: start, endSeconds: start + length)
}

extension Team {
    /// A team `t`, or of another name, with budgets.
    static func with(
        _ name: String = "t",
        _ budgets: [BudgetRule] = [],
        limits: TeamLimits = TeamLimits(),
        change: (inout Team) -> Void = { _ in }
    ) -> Team {
        var team = Team(name: name)
        team.budgets = budgets
        team.limits = limits
        change(&team)
        return team
    }
}

extension BudgetRule {
    /// A budget of so many picodollars.
    static func of(
        _ limit: Int128,
        _ period: BudgetPeriod = .month,
        models: [String] = [],
        warnAt: [Int] = [],
        whenSpent: SpentBudget = .block
    ) -> BudgetRule {
        BudgetRule(
            limit: MoneySum(limit),
            period: period,
            warnAtPermille: warnAt,
            whenSpent: whenSpent,
            models: models.map { ModelPattern($0) }
        )
    }
}

extension Rejection {
    /// The window that is short, if one is.
    var shortage: BudgetShortage? {
        switch self {
        case .budgetSpent(let shortage), .budgetHeld(let shortage): shortage
        default: nil
        }
    }

    /// The rate that is used up, if one is.
    var rate: RateShortage? { if case .rateExceeded(let shortage) = self { shortage } else { nil } }
}
