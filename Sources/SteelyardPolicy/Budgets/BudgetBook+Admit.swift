/// Admitting requests.
extension BudgetBook {
    /// The position of a reservation, and when its request was admitted.
    struct Opened {
        var position: Int
        var admittedAtSeconds: Int64
    }

    /// Checks everything first and reserves only then: a rejected request reserves nothing.
    ///
    /// Reasons that waiting does not help come first, then those that pass with time: a client that is told to try
    /// again should not learn afterwards that it waited for nothing.
    mutating func admit(_ request: borrowing AdmissionRequest) throws(Rejection) -> Opened {
        let now = now(request.wallSeconds)
        guard let team = teamPositions[request.team], teams[team].isKnown else { throw .teamUnknown }
        guard teams[team].allows(request.model, bookModels: request.bookModels) else { throw .modelNotAllowed }
        gatherApplicable(team, key: request.key, request.model ?? "none", bookNames: request.bookModels, at: now)
        try checkCountable(request, team)
        try checkSpent(request.estimate, at: now)
        try teams[team].checkRates(tokens: request.estimate.tokens, at: request.now)
        try checkSummed(request.estimate)
        try checkHeld(request.estimate, at: now)
        teams[team].take(tokens: request.estimate.tokens, at: request.now)
        return Opened(position: open(request, team, at: now), admittedAtSeconds: now)
    }

    /// Finds the budgets that count a request, each in its current window.
    mutating func gatherApplicable(_ team: Int, key: String, _ model: String, bookNames: [String], at now: Int64) {
        applicable.removeAll(keepingCapacity: true)
        for place in teams[team].accounts.indices { gather(teams[team].accounts[place], model, bookNames, at: now) }
        guard !key.isEmpty, let ofKey = teams[team].keyAccounts[key] else { return }
        for account in ofKey { gather(account, model, bookNames, at: now) }
    }

    private mutating func gather(_ account: Int, _ model: String, _ bookNames: [String], at now: Int64) {
        guard accounts[account].terms.counts(model, bookNames: bookNames) else { return }
        moveOn(account, to: now)
        applicable.append(account)
    }

    /// Requests that cannot be counted may pass a blocking budget only if the team's rules say so.
    private func checkCountable(_ request: borrowing AdmissionRequest, _ team: Int) throws(Rejection) {
        switch request.estimate.price {
        case .priced, .free: return
        case .unpriced:
            if teams[team].team.unpriced == .refuse, canBlock(request, team) { throw .notPriced }
        case .unmetered:
            if teams[team].team.unmetered == .refuse, canBlock(request, team) { throw .notMetered }
        }
    }

    /// A request whose model is unknown may be for a model that a budget counts.
    private func canBlock(_ request: borrowing AdmissionRequest, _ team: Int) -> Bool {
        if applicable.contains(where: { accounts[$0].blocks }) { return true }
        return request.model == nil && blocks(team, key: request.key)
    }

    /// Whether any budget can refuse requests of a team and key.
    func blocks(team name: String, key: String) -> Bool {
        guard let team = teamPositions[name], teams[team].isKnown else { return true }
        return blocks(team, key: key)
    }

    /// Whether any budget of a team and key can refuse.
    func blocks(_ team: Int, key: String) -> Bool { hasBudget(team, key: key) { $0.blocks } }

    /// Whether the rules or budgets of a team and key need the model.
    func modelDecides(team name: String, key: String) -> Bool {
        guard let team = teamPositions[name], teams[team].isKnown else { return true }
        return teams[team].tellsModelsApart
            || hasBudget(team, key: key) { $0.blocks || $0.terms.tellsModelsApart }
    }

    func hasBudget(_ team: Int, key: String, where matches: (borrowing BudgetAccount) -> Bool) -> Bool {
        teams[team].accounts.contains { matches(accounts[$0]) }
            || (teams[team].keyAccounts[key] ?? []).contains { matches(accounts[$0]) }
    }
}

// MARK: - Money

extension BudgetBook {
    /// Throws if a request does not fit into a window even without the others in progress. If there are several such
    /// windows, reports the one that ends last, because trying again before that is useless.
    private func checkSpent(_ estimate: HoldEstimate, at now: Int64) throws(Rejection) {
        guard let needed = estimate.needed else { return }
        var last: Int?
        for account in applicable where accounts[account].blocks && !accounts[account].leavesRoom(for: needed) {
            if let known = last, endSeconds(known) >= endSeconds(account) { continue }
            last = account
        }
        if let last { throw .budgetSpent(shortage(last, needed, at: now)) }
    }

    /// Throws if a window that applies still waits for its sum from the ledger: it may already be spent.
    private func checkSummed(_ estimate: HoldEstimate) throws(Rejection) {
        guard estimate.needed != nil, applicable.contains(where: { accounts[$0].awaitsSum }) else { return }
        throw .windowNotSummed
    }

    /// Throws if a window has no room because of other requests in progress.
    private func checkHeld(_ estimate: HoldEstimate, at now: Int64) throws(Rejection) {
        guard let needed = estimate.needed else { return }
        for account in applicable where accounts[account].blocks && !accounts[account].fits(needed) {
            throw .budgetHeld(shortage(account, needed, at: now))
        }
    }

    private func endSeconds(_ account: Int) -> Int64 { accounts[account].current.bounds.endSeconds }

    private func shortage(_ account: Int, _ amount: Int64, at now: Int64) -> BudgetShortage {
        accounts[account].shortage(amount, in: accounts[account].current.serial, at: now)
    }

    private mutating func open(_ request: borrowing AdmissionRequest, _ team: Int, at now: Int64) -> Int {
        let position = freeHold()
        let estimate = request.estimate
        holds[position].charge = request.charge
        holds[position].team = team
        holds[position].key = request.key
        holds[position].model = request.model ?? "none"
        holds[position].hold = estimate.hold.amount
        holds[position].ceiling = estimate.ceiling.amount
        holds[position].tokens = estimate.tokens
        holds[position].openedAtSeconds = now
        for place in applicable.indices { addShare(applicable[place], to: position) }
        return position
    }

    /// The position of a free entry for a reservation, without shares.
    mutating func freeHold() -> Int {
        if let position = freeHolds.popLast() {
            holds[position].isOpen = true
            holds[position].isDeferred = false
            return position
        }
        let charge = ChargeID(high: 0, low: 0)
        holds.append(
            OpenHold(charge: charge, team: 0, key: "", model: "", hold: 0, ceiling: 0, tokens: 0, openedAtSeconds: 0)
        )
        return holds.count - 1
    }

    /// Reserves a hold in the current window of a budget.
    mutating func addShare(_ account: Int, to position: Int) {
        addShare(account, accounts[account].current.serial, to: position)
    }

    /// Reserves a hold in one of the windows of a budget.
    mutating func addShare(_ account: Int, _ serial: UInt32, to position: Int) {
        accounts[account].open(holds[position].hold, exposure: holds[position].exposure, in: serial)
        holds[position].shares.append(Share(account: account, serial: serial))
    }
}

extension HoldEstimate {
    /// The room that a request needs in every window, in picodollars; nil when money budgets do not apply to it.
    ///
    /// A request without a price that is allowed to pass still needs a budget that is not spent, so it needs at least
    /// 1.
    fileprivate var needed: Int64? { price == .free ? nil : max(1, hold.amount) }
}
