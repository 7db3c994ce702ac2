/// Why a request is not let through. Nothing was taken for it: no money, no rate, no place.
public enum Rejection: Error, Hashable, Sendable {
    /// The team has left the configuration since the request was identified.
    case teamUnknown
    /// The team may not use this model, or the model cannot be told and not every model is allowed.
    case modelNotAllowed
    /// A blocking budget applies, and the model has no price.
    case notPriced
    /// A blocking budget applies, and no answer on this path states what it costs.
    case notMetered
    /// It cannot fit before a window ends.
    case budgetSpent(BudgetShortage)
    /// It would fit but for what is set aside for other requests.
    case budgetHeld(BudgetShortage)
    /// Too many requests or tokens within a minute.
    case rateExceeded(RateShortage)
    /// Charges cannot be put on record at the moment, and this one has to be.
    case unrecorded
    /// A window was entered, and what is spent in it is still being read from the ledger.
    case windowNotSummed
    /// As many requests of the team are under way as may be.
    case concurrencyExceeded(limit: Int)

    /// The value of the `reason` label: a closed vocabulary.
    public var reason: String {
        switch self {
        case .teamUnknown: "team_unknown"
        case .modelNotAllowed: "model_not_allowed"
        case .notPriced: "model_not_priced"
        case .notMetered: "not_metered"
        case .budgetSpent: "team_budget"
        case .budgetHeld: "budget_held"
        case .rateExceeded(let shortage): shortage.kind.rawValue
        case .concurrencyExceeded: "concurrent_requests"
        case .unrecorded, .windowNotSummed: "ledger_unavailable"
        }
    }
}

/// A window without room for a request.
public struct BudgetShortage: Error, Hashable, Sendable {
    /// Whose budget.
    public var scope: BudgetScope
    /// The budget.
    public var rule: BudgetRule
    /// What is spent in the window.
    public var spent: MoneySum
    /// What is set aside for other requests.
    public var reserved: MoneySum
    /// What would have had to be set aside for this one.
    public var hold: Picodollars
    /// When the window ends, in seconds since 1970.
    public var resetsAtSeconds: Int64
    /// How long until then; at least 1.
    public var retryAfterSeconds: Int64
}

/// A rate that is used up.
public struct RateShortage: Hashable, Sendable {
    /// What is counted.
    public enum Kind: String, Hashable, Sendable {
        case requests, tokens
    }

    /// Which rate it is.
    public var kind: Kind
    /// The rate of requests; nil when there is no limit.
    public var requests: RateStanding?
    /// The rate of tokens; nil when there is no limit.
    public var tokens: RateStanding?
    /// When to try again; at least 1.
    public var retryAfterSeconds: Int64
}

extension BudgetShortage {
    /// Why a request that was let through with less is turned away after all: waiting mends what others hold, and nothing
    /// else. Its own hold is not another's.
    ///
    /// - Parameters:
    ///   - whole: what it can cost, as is known now.
    ///   - held: what was set aside for it before.
    public func rejection(ofWhole whole: Picodollars, held: Picodollars) -> Rejection {
        var shortage = self
        shortage.hold = whole
        shortage.reserved = MoneySum(reserved.amount - Int128(held.amount))
        let canFit = spent.amount + Int128(whole.amount) <= rule.limit.amount
        return canFit ? .budgetHeld(shortage) : .budgetSpent(shortage)
    }

    /// Says to a person whose budget is short, by how much, and when it begins anew.
    public var message: String {
        "The \(rule.windowText) budget of \(scope.text) has no room for this request: "
            + "\(spent.usdText) of \(rule.limit.usdText) USD are spent, \(reserved.usdText) USD are reserved for other "
            + "requests, and this one can cost \(hold.usdText) USD. It resets at \(InstantText.utc(resetsAtSeconds))."
    }
}

extension BudgetScope {
    /// The owner in words, such as `team search`.
    public var text: String {
        switch self {
        case .organization: "the organization"
        case .team(let name): "team \(name)"
        case .key(let team, let id): "key \(id) of team \(team)"
        }
    }
}
