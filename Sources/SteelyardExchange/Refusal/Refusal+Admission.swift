import SteelyardPolicy

/// What the client of a rejected request is told: what happened, and whether and when to try again.
///
/// The official SDKs stop at `x-should-retry: false`; otherwise they try a 429 again after `retry-after` (openai-python
/// `_base_client.py`, 3.52.0). So a client makes only one attempt when a budget is spent, and waits for room when other
/// requests hold the budget.
extension Refusal {
    /// The refusal for a rejection; `model` is the one asked for.
    init(_ rejection: Rejection, team: String, model: String?) {
        switch rejection {
        case .teamUnknown: self = .teamGone(team)
        case .modelNotAllowed: self = .modelNotAllowed(team, model)
        case .notPriced: self = .notPriced(team, model)
        case .notMetered: self = .notMetered(team)
        case .budgetSpent(let shortage): self = .budgetSpent(shortage)
        case .budgetHeld(let shortage): self = .budgetHeld(shortage)
        case .rateExceeded(let shortage): self = .rateExceeded(shortage, team)
        case .concurrencyExceeded(let limit): self = .concurrencyExceeded(limit, team)
        case .unrecorded: self = .ledgerUnavailable(team)
        case .windowNotSummed: self = .windowNotSummed(team)
        }
        reason = rejection.reason
    }

    private static func teamGone(_ team: String) -> Refusal {
        .forbidden("team_mismatch", "Team \(team) is no longer configured")
    }

    private static func modelNotAllowed(_ team: String, _ model: String?) -> Refusal {
        guard let model else {
            return .forbidden(
                "model_not_allowed",
                "Team \(team) may use only certain models, and Steelyard found no model name in this request"
            )
        }
        return .forbidden("model_not_allowed", "Team \(team) may not use model \(model)", parameter: "model")
    }

    private static func notPriced(_ team: String, _ model: String?) -> Refusal {
        let named = model.map { "Model \($0) has no price" } ?? "The request names no model with a price"
        let message = "\(named), so its cost cannot count toward the budget of team \(team)"
        return .forbidden("model_not_priced", message, parameter: "model")
    }

    private static func notMetered(_ team: String) -> Refusal {
        .forbidden(
            "not_metered",
            "Requests to this path have no known cost, so team \(team) cannot send them under its budget"
        )
    }

    /// The path administers the provider's account, and the request has a Steelyard key.
    static func administration(team: String) -> Refusal {
        .forbidden(
            "administration_not_allowed",
            "This path administers the provider's account. Team \(team) cannot use it with a Steelyard key; send an admin "
                + "key of your own"
        )
    }

    private static func forbidden(_ code: String, _ message: String, parameter: String? = nil) -> Refusal {
        Refusal(
            status: 403,
            error: .clientForbidden,
            code: code,
            message: message,
            parameter: parameter,
            shouldRetry: false
        )
    }

    private static func budgetSpent(_ shortage: BudgetShortage) -> Refusal {
        Refusal(
            status: 429,
            error: .clientBudget,
            type: "insufficient_quota",
            code: "insufficient_quota",
            message: shortage.message,
            shouldRetry: false,
            retryAfterSeconds: Int(clamping: shortage.retryAfterSeconds)
        )
    }

    private static func budgetHeld(_ shortage: BudgetShortage) -> Refusal {
        Refusal(
            status: 429,
            error: .clientBudget,
            type: "requests",
            code: "rate_limit_exceeded",
            message: shortage.message + " It fits once other requests have finished; try again.",
            retryAfterSeconds: 1
        )
    }

    private static func rateExceeded(_ shortage: RateShortage, _ team: String) -> Refusal {
        let standing = shortage.kind == .requests ? shortage.requests : shortage.tokens
        var refusal = Refusal(
            status: 429,
            error: .clientRateLimit,
            type: shortage.kind.rawValue,
            code: "rate_limit_exceeded",
            message: "Team \(team) may use \(standing?.limit ?? 0) \(shortage.kind.rawValue) per minute; "
                + "try again in \(shortage.retryAfterSeconds) s",
            retryAfterSeconds: Int(clamping: shortage.retryAfterSeconds)
        )
        refusal.requestRate = shortage.requests
        refusal.tokenRate = shortage.tokens
        return refusal
    }

    private static func concurrencyExceeded(_ limit: Int, _ team: String) -> Refusal {
        Refusal(
            status: 429,
            error: .clientRateLimit,
            type: "requests",
            code: "rate_limit_exceeded",
            message: "Team \(team) already has \(limit) requests in progress, which is its limit; try again",
            retryAfterSeconds: 1
        )
    }
}

extension Refusal {
    /// The ledger cannot be written. Where budgets must hold, a request that cannot be recorded is refused.
    private static func ledgerUnavailable(_ team: String) -> Refusal {
        Refusal(
            status: 503,
            error: .gatewayLedger,
            type: "server_error",
            code: "ledger_unavailable",
            message:
                "Steelyard cannot record spending at the moment, and the budget of team \(team) needs that record; try again",
            retryAfterSeconds: 5
        )
    }

    /// A budget's window was entered out of turn, and what is spent in it is still being read from the ledger.
    private static func windowNotSummed(_ team: String) -> Refusal {
        Refusal(
            status: 503,
            error: .gatewayLedger,
            type: "server_error",
            code: "ledger_unavailable",
            message:
                "Steelyard is still reading from its ledger how much team \(team) has spent; try again in a second",
            retryAfterSeconds: 1
        )
    }

    /// The provider refused the key that Steelyard sent in place of the client's. The client cannot fix that.
    static func keyRefused(_ provider: String) -> Refusal {
        Refusal(
            status: 502,
            error: .upstreamAuth,
            type: "server_error",
            code: "upstream_auth",
            message: "Provider \(provider) refused this gateway's own key for it; tell whoever runs the gateway",
            shouldRetry: false
        )
    }
}

extension Refusal {
    /// The refusal for a request that nobody can be charged for.
    init(_ refusal: IdentityRefusal) {
        self.init(
            status: refusal.status,
            error: refusal.status == 401 ? .clientUnauthorized : .clientForbidden,
            code: refusal.code,
            message: refusal.message,
            shouldRetry: false
        )
        reason = refusal.rawValue
    }
}
