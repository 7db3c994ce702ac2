/// How a reservation ends.
struct Cost {
    /// The cost; 0 for none.
    var picodollars: Int64 = 0
    /// The tokens that were used; nil keeps the estimate.
    var tokens: Int64?
    /// The model that is paid for; nil: the requested one.
    var model: String?
    /// When it was known.
    var at = Tick.zero
}

/// Changing and ending reservations.
extension BudgetBook {
    /// Reserves more for a reservation, the same amount in each of its windows: `amount` if there is room, otherwise
    /// all that is left if that is at least `least`, otherwise nothing.
    ///
    /// - Returns: the amount that was reserved.
    mutating func grow(_ position: Int, by amount: Int64, atLeast least: Int64) throws(BudgetShortage) -> Int64 {
        guard amount > 0 else { return 0 }
        var granted = amount
        for place in holds[position].shares.indices {
            let share = holds[position].shares[place]
            guard accounts[share.account].blocks else { continue }
            granted = min(granted, accounts[share.account].room(in: share.serial))
            guard granted < max(1, least) else { continue }
            let shortage = accounts[share.account].shortage(least, in: share.serial, at: latest)
            change(position, hold: 0, ceiling: unexpected(amount, position))
            throw shortage
        }
        change(position, hold: granted, ceiling: unexpected(amount, position))
        return granted
    }

    /// By how much a request that needs this much beyond its hold exceeds the highest cost that was thought possible.
    /// The money is spent even if the hold may not grow, unless the answer is cut off.
    private func unexpected(_ amount: Int64, _ position: Int) -> Int64 {
        max(0, holds[position].hold.addingClamped(amount).subtractingClamped(holds[position].ceiling))
    }

    private mutating func change(_ position: Int, hold: Int64, ceiling: Int64) {
        let before = holds[position].exposure
        holds[position].hold += hold
        holds[position].ceiling += ceiling
        let exposureChange = holds[position].exposure - before
        for place in holds[position].shares.indices {
            let share = holds[position].shares[place]
            accounts[share.account].grow(hold, exposureChange: exposureChange, in: share.serial)
        }
    }

    /// Ends a reservation with its cost.
    mutating func close(_ position: Int, at cost: Cost) {
        guard holds[position].isOpen else { return }
        closedWhileAsking?.append(holds[position].charge)
        let (hold, exposure) = (holds[position].hold, holds[position].exposure)
        for place in holds[position].shares.indices {
            let share = holds[position].shares[place]
            let picodollars = cost.picodollars
            let reached = accounts[share.account].close(hold, exposure: exposure, cost: picodollars, in: share.serial)
            note(reached, of: share.account)
        }
        chargeOthers(position, cost)
        leave(position, cost)
        free(position)
    }

    /// Charges the budgets over groups of models that do not count the requested model, but do count the one that is
    /// paid for.
    private mutating func chargeOthers(_ position: Int, _ cost: Cost) {
        guard let model = cost.model, cost.picodollars != 0, model != holds[position].model,
            hasBudget(holds[position].team, key: holds[position].key, where: { $0.terms.tellsModelsApart })
        else { return }
        let hold = holds[position]
        for account in budgets(ofTeam: teams[hold.team].team.name, key: hold.key)
        where !hold.shares.contains(where: { $0.account == account }) {
            charge(account, model, cost, openedAt: hold.openedAtSeconds)
        }
    }

    /// Charges a budget in which nothing was held, if it counts the model, in the window in which the charge was
    /// opened.
    private mutating func charge(_ account: Int, _ model: String, _ cost: Cost, openedAt seconds: Int64) {
        let model = ModelNameRule.accepted(model)
        guard accounts[account].terms.counts(model, bookNames: names(of: model)) else { return }
        moveOn(account, to: latest)
        guard let serial = accounts[account].serial(containing: seconds) else { return }
        note(accounts[account].charge(cost.picodollars, in: serial), of: account)
    }

    /// The names that the price book has for a model.
    func names(of model: String) -> [String] { prices?.names(of: model) ?? [] }

    /// Keeps the hold of a request that has ended, because its charge comes with a later answer. The request no longer
    /// counts as in progress.
    mutating func postpone(_ position: Int) {
        guard holds[position].isOpen, !holds[position].isDeferred else { return }
        teams[holds[position].team].inFlight -= 1
        holds[position].isDeferred = true
        deferredHolds[holds[position].charge] = position
    }

    /// Frees a reservation whose owner is gone without having ended it.
    mutating func dropped(_ position: Int) {
        guard holds[position].isOpen, !holds[position].isDeferred else { return }
        noteLeak(team: teams[holds[position].team].team.name, hold: holds[position].hold)
        close(position, at: Cost())
    }

    private mutating func leave(_ position: Int, _ cost: Cost) {
        let team = holds[position].team
        if !holds[position].isDeferred { teams[team].inFlight -= 1 }
        guard let tokens = cost.tokens else { return }
        teams[team].correct(tokens: tokens.subtractingClamped(holds[position].tokens), at: cost.at)
    }

    private mutating func free(_ position: Int) {
        holds[position].isOpen = false
        holds[position].shares.removeAll(keepingCapacity: true)
        freeHolds.append(position)
    }

    private mutating func note(_ permilles: [Int], of account: Int) {
        for permille in permilles { note(.reached(accounts[account].threshold(permille))) }
    }
}

// MARK: - Without a request in progress

extension BudgetBook {
    /// Ends the charge of a request that ended earlier. A charge without a hold counts in the windows in which it was
    /// opened.
    mutating func closeDeferred(_ opening: ChargeOpening, at cost: Cost) {
        if let position = deferredHolds.removeValue(forKey: opening.charge) { return close(position, at: cost) }
        closedWhileAsking?.append(opening.charge)
        let (asked, bookNames) = (opening.model, names(of: opening.model))
        for account in budgets(ofTeam: opening.team, key: opening.key) {
            let countsAsked = accounts[account].terms.counts(asked, bookNames: bookNames)
            charge(account, countsAsked ? asked : cost.model ?? asked, cost, openedAt: opening.openedAtSeconds)
        }
    }

    /// The positions of all budgets over a team and a key. For a team that was removed: the organization's.
    private func budgets(ofTeam name: String, key: String) -> [Int] {
        guard let team = teamPositions[name], teams[team].isKnown else { return organizationAccounts }
        return teams[team].accounts + (teams[team].keyAccounts[key] ?? [])
    }

    /// Reserves again, after a restart, what waits for a later answer. It reserves in the windows in which the charge
    /// was opened, if they still exist.
    mutating func restore(_ opening: ChargeOpening, wallSeconds: Int64) {
        let now = now(wallSeconds)
        guard let team = teamPositions[opening.team], deferredHolds[opening.charge] == nil else { return }
        gatherApplicable(team, key: opening.key, opening.model, bookNames: names(of: opening.model), at: now)
        let position = freeHold()
        fill(position, with: opening, team)
        deferredHolds[opening.charge] = position
        for place in applicable.indices {
            let account = applicable[place]
            guard let serial = accounts[account].serial(containing: opening.openedAtSeconds) else { continue }
            addShare(account, serial, to: position)
        }
    }

    private mutating func fill(_ position: Int, with opening: ChargeOpening, _ team: Int) {
        holds[position].charge = opening.charge
        holds[position].team = team
        holds[position].key = opening.key
        holds[position].model = opening.model
        holds[position].hold = opening.hold.amount
        holds[position].ceiling = opening.hold.amount
        holds[position].tokens = 0
        holds[position].openedAtSeconds = opening.openedAtSeconds
        holds[position].isDeferred = true
    }
}
