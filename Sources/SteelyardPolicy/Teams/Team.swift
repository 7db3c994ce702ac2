/// Who pays: one entry of `teams` in proxy.yaml.
public struct Team: Hashable, Sendable {
    /// The configured name; the value of the `team` label.
    public var name: String
    /// Steelyard keys that mean this team.
    public var keys: [TeamKey] = []
    /// Digests of the clients' own provider keys that mean this team.
    public var providerKeys: [KeyDigest] = []
    /// Its windows of spending.
    public var budgets: [BudgetRule] = []
    /// How much of an answer's possible cost is held.
    public var reserve = ReservePolicy.learned
    /// What becomes of an answer that outgrows its hold when the budget has no more room.
    public var outgrownHold = OutgrownHold.finish
    /// Rates and concurrency.
    public var limits = TeamLimits()
    /// Requested models it may use; empty: all.
    public var allowedModels: [ModelPattern] = []
    /// Requested models it may not use, allowed or not.
    public var deniedModels: [ModelPattern] = []
    /// Whether requests whose cost nothing states pass in spite of a blocking budget (`unmetered`).
    public var unmetered = UncountedRequests.refuse
    /// Whether requests for models without a price pass in spite of a blocking budget (`unpriced`).
    public var unpriced = UncountedRequests.refuse

    /// Makes a team without keys, budgets and limits.
    public init(name: String) { self.name = name }

    /// Whether a request may name it without proof: no key of any kind means it.
    public var isClaimable: Bool { keys.isEmpty && providerKeys.isEmpty }
}

/// A Steelyard key: proxy.yaml holds its digest, its owner the key.
public struct TeamKey: Hashable, Sendable {
    /// The public part of the key; names it in logs, the ledger and the configuration.
    public var id: String
    /// SHA-256 of the whole key: with 250 random bits it needs no pepper.
    public var digest: KeyDigest
    /// Its own windows of spending, within those of its team.
    public var budgets: [BudgetRule] = []
    /// From this instant on it is refused, in seconds since 1970; nil: it never expires.
    public var expiresAtSeconds: Int64?

    /// Makes a key without budgets that never expires.
    public init(id: String, digest: KeyDigest) {
        self.id = id
        self.digest = digest
    }
}

/// How much of an answer's possible cost is held while it is under way.
public enum ReservePolicy: String, Hashable, Sendable, CaseIterable {
    /// What this model's recent answers make plausible, within the request's own cap.
    case learned
    /// All the model can put out, within the request's own cap: no overshoot.
    case worstCase = "worst_case"
}

/// What becomes of an answer that outgrows its hold when the budget has no more room.
public enum OutgrownHold: String, Hashable, Sendable, CaseIterable {
    /// It goes on, and what it costs beyond is counted as overshoot.
    case finish
    /// It is broken off.
    case cut
}

/// What a team with a blocking budget may do with requests that cannot be counted against it.
public enum UncountedRequests: String, Hashable, Sendable, CaseIterable {
    /// They are refused.
    case refuse
    /// They pass, counted as unmetered or unpriced.
    case allow
}

/// `limits` of a team; nil: no limit.
public struct TeamLimits: Hashable, Sendable {
    /// Requests in any minute.
    public var requestsPerMinute: Int64?
    /// Tokens in any minute, in and out.
    public var tokensPerMinute: Int64?
    /// Requests under way at once.
    public var concurrentRequests: Int?

    /// Makes limits; without arguments there are none.
    public init(requestsPerMinute: Int64? = nil, tokensPerMinute: Int64? = nil, concurrentRequests: Int? = nil) {
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.concurrentRequests = concurrentRequests
    }
}
