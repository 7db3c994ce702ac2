/// A team as admission sees it: what it may do, and what it has in progress.
struct AdmittedTeam {
    private(set) var team: Team
    /// Positions of the budgets that count all its requests: the organization's and its own.
    var accounts: [Int] = []
    /// Positions of the further budgets of each of its keys.
    var keyAccounts: [String: [Int]] = [:]
    /// The number of its requests in progress.
    var inFlight = 0
    private(set) var requests: RateBucket?
    private(set) var tokens: RateBucket?
    /// Whether it is in the configuration.
    var isKnown = true

    init(_ team: Team) {
        self.team = team
        replaceLimits(team.limits)
    }

    /// Takes the team's entry from another configuration. What its rates have counted stays.
    mutating func replace(_ team: Team) {
        self.team = team
        isKnown = true
        replaceLimits(team.limits)
    }

    private mutating func replaceLimits(_ limits: TeamLimits) {
        requests = Self.bucket(requests, perMinute: limits.requestsPerMinute)
        tokens = Self.bucket(tokens, perMinute: limits.tokensPerMinute)
    }

    private static func bucket(_ bucket: RateBucket?, perMinute: Int64?) -> RateBucket? {
        guard let perMinute else { return nil }
        var bucket = bucket ?? RateBucket(perMinute: perMinute)
        bucket.perMinute = perMinute
        return bucket
    }

    /// Whether it may use only some models.
    var tellsModelsApart: Bool { !team.allowedModels.isEmpty || !team.deniedModels.isEmpty }

    /// Whether it may use a model. An unknown model is not among the allowed ones, and it may be among the denied ones.
    func allows(_ model: String?, bookModels: [String]) -> Bool {
        guard tellsModelsApart else { return true }
        guard let model else { return false }
        func means(_ pattern: ModelPattern) -> Bool { pattern.means(model, bookNames: bookModels) }
        let isDenied = team.deniedModels.contains(where: means)
        return !isDenied && (team.allowedModels.isEmpty || team.allowedModels.contains(where: means))
    }
}

// MARK: - Rates

extension AdmittedTeam {
    /// Throws if there is no room for one more request with this number of tokens.
    func checkRates(tokens count: Int64, at now: Tick) throws(Rejection) {
        if let limit = team.limits.concurrentRequests, inFlight >= limit { throw .concurrencyExceeded(limit: limit) }
        let requestWait = requests?.waitNanoseconds(for: 1, at: now) ?? 0
        let tokenWait = tokens?.waitNanoseconds(for: count, at: now) ?? 0
        guard max(requestWait, tokenWait) > 0 else { return }
        let wait = max(requestWait, tokenWait)
        throw .rateExceeded(shortage(requestWait >= tokenWait ? .requests : .tokens, wait, at: now))
    }

    private func shortage(_ kind: RateShortage.Kind, _ wait: UInt64, at now: Tick) -> RateShortage {
        RateShortage(
            kind: kind,
            requests: requests?.standing(at: now),
            tokens: tokens?.standing(at: now),
            retryAfterSeconds: Int64(clamping: wait.dividedRoundingUp(by: 1_000_000_000))
        )
    }

    /// Counts one more request in progress.
    mutating func take(tokens count: Int64, at now: Tick) {
        inFlight += 1
        requests?.take(1, at: now)
        tokens?.take(count, at: now)
    }

    /// Corrects the token count when a request used fewer or more than estimated.
    mutating func correct(tokens change: Int64, at now: Tick) {
        tokens?.correct(by: change, at: now)
    }
}
