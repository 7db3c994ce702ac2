/// Why a request is not admitted. A rejected request reserves nothing: no money, no rate, no place.
public enum Rejection: Error, Hashable, Sendable {
    /// The team was removed from the configuration after the request was identified.
    case teamUnknown
    /// The team may not use this model. Or the model is unknown, and the team may not use every model.
    case modelNotAllowed
    /// A blocking budget applies, and the model has no price.
    case notPriced
    /// A blocking budget applies, and answers on this path never state what they cost.
    case notMetered
    /// The request does not fit into a window, even if no other request were in progress.
    case budgetSpent(BudgetShortage)
    /// The request would fit if other requests had not reserved money.
    case budgetHeld(BudgetShortage)
    /// Too many requests or tokens within a minute.
    case rateExceeded(RateShortage)
    /// Charges cannot be recorded at the moment, and this one must be.
    case unrecorded
    /// A new window has begun, and its spending is still being read from the ledger.
    case windowNotSummed
    /// The team already has as many requests in progress as it may.
    case concurrencyExceeded(limit: Int)

    /// The value of the `reason` label, from a fixed list.
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

/// A window that has no room for a request.
public struct BudgetShortage: Error, Hashable, Sendable {
    /// Whose budget.
    public var scope: BudgetScope
    /// The budget.
    public var rule: BudgetRule
    /// What is spent in the window.
    public var spent: MoneySum
    /// What is reserved for other requests.
    public var reserved: MoneySum
    /// What this request would have needed to reserve.
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
    /// In how many seconds to try again; at least 1.
    public var retryAfterSeconds: Int64
}

extension BudgetShortage {
    /// Why a request is refused after it was admitted with a smaller hold. Waiting helps only if other requests hold
    /// the money; the request's own hold does not count as another's.
    ///
    /// - Parameters:
    ///   - whole: what the request can cost, as is known now.
    ///   - held: what was reserved for it before.
    public func rejection(ofWhole whole: Picodollars, held: Picodollars) -> Rejection {
        var shortage = self
        shortage.hold = whole
        shortage.reserved = MoneySum(reserved.amount - Int128(held.amount))
        let canFit = spent.amount + Int128(whole.amount) <= rule.limit.amount
        return canFit ? .budgetHeld(shortage) : .budgetSpent(shortage)
    }

    /// Tells a person whose budget is short, by how much, and when it resets.
    public var message: String {
        "The \(rule.windowText) budget of \(scope.text) has no room for this request: "
            + "\(spent.usdText) of \(rule.limit.usdText) USD are spent, \(reserved.usdText) USD are reserved for other "
            + "requests, and this one can cost \(hold.usdText) USD. It resets at \(InstantText.utc(resetsAtSeconds))."
    }
}

extension BudgetScope {
    /// The scope as text, such as `team search`.
    public var text: String {
        switch self {
        case .organization: "the organization"
        case .team(let name): "team \(name)"
        case .key(let team, let id): "key \(id) of team \(team)"
        }
    }
}
