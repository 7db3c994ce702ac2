/// Who pays: one entry of `teams` in proxy.yaml.
public struct Team: Hashable, Sendable {
    /// The configured name; the value of the `team` label.
    public var name: String
    /// The Steelyard keys of this team.
    public var keys: [TeamKey] = []
    /// Digests of the clients' own provider keys that belong to this team.
    public var providerKeys: [KeyDigest] = []
    /// Its spending limits per window.
    public var budgets: [BudgetRule] = []
    /// How much of an answer's possible cost is reserved.
    public var reserve = ReservePolicy.learned
    /// What happens when an answer outgrows its hold and the budget has no more room.
    public var outgrownHold = OutgrownHold.finish
    /// Rate and concurrency limits.
    public var limits = TeamLimits()
    /// The models that may be requested; empty: all.
    public var allowedModels: [ModelPattern] = []
    /// The models that may not be requested, even if they are allowed.
    public var deniedModels: [ModelPattern] = []
    /// Whether requests whose cost no answer states pass although a blocking budget applies (`unmetered`).
    public var unmetered = UncountedRequests.refuse
    /// Whether requests for models without a price pass although a blocking budget applies (`unpriced`).
    public var unpriced = UncountedRequests.refuse

    /// Makes a team without keys, budgets or limits.
    public init(name: String) { self.name = name }

    /// Whether a request may name the team without proof: it has no keys of any kind.
    public var isClaimable: Bool { keys.isEmpty && providerKeys.isEmpty }
}

/// A Steelyard key. proxy.yaml has its digest; only the owner has the key.
public struct TeamKey: Hashable, Sendable {
    /// The public part of the key. It identifies the key in logs, the ledger and the configuration.
    public var id: String
    /// SHA-256 of the whole key: with 250 random bits it needs no pepper.
    public var digest: KeyDigest
    /// The key's own spending limits, besides those of its team.
    public var budgets: [BudgetRule] = []
    /// The time from which the key is refused, in seconds since 1970; nil: it never expires.
    public var expiresAtSeconds: Int64?

    /// Makes a key without budgets that never expires.
    public init(id: String, digest: KeyDigest) {
        self.id = id
        self.digest = digest
    }
}

/// How much of an answer's possible cost is reserved while the request is in progress.
public enum ReservePolicy: String, Hashable, Sendable, CaseIterable {
    /// As much as this model's recent answers suggest, within the request's own limit.
    case learned
    /// As much as the model can put out, within the request's own limit: there is no overshoot.
    case worstCase = "worst_case"
}

/// What happens when an answer outgrows its hold and the budget has no more room.
public enum OutgrownHold: String, Hashable, Sendable, CaseIterable {
    /// The answer goes on, and its cost beyond the hold counts as overshoot.
    case finish
    /// The answer is cut off.
    case cut
}

/// Whether requests that cannot be counted pass a blocking budget of a team.
public enum UncountedRequests: String, Hashable, Sendable, CaseIterable {
    /// They are refused.
    case refuse
    /// They pass, and are counted as unmetered or unpriced.
    case allow
}

/// `limits` of a team; nil: no limit.
public struct TeamLimits: Hashable, Sendable {
    /// Requests per minute.
    public var requestsPerMinute: Int64?
    /// Tokens per minute, input and output.
    public var tokensPerMinute: Int64?
    /// The most requests in progress at once.
    public var concurrentRequests: Int?

    /// Makes limits; without arguments there are none.
    public init(requestsPerMinute: Int64? = nil, tokensPerMinute: Int64? = nil, concurrentRequests: Int? = nil) {
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.concurrentRequests = concurrentRequests
    }
}
