/// Taking the rules of a configuration. The sums stay.
extension BudgetBook {
    /// Opens the budgets of a configuration that did not exist before. They count from now on, and refuse nothing until
    /// they know what was spent before.
    ///
    /// - Parameter recordedUntil: no charge that an earlier run recorded was opened later.
    /// - Returns: the queries for the ledger, in the order in which ``install(_:spentOfNew:)`` takes their answers.
    mutating func openBudgets(
        newIn rules: AdmissionRules,
        wallSeconds: Int64,
        recordedUntil: Int64
    ) -> [SpendingQuery] {
        let now = now(wallSeconds)
        let live = liveBudgets
        closedWhileAsking = []
        return rules.budgets.filter { live[$0.identity] == nil }.map { identity, rule in
            let account = BudgetAccount(
                identity,
                rule: rule,
                bounds: bounds(of: rule, at: now),
                knownEmptyAfter: max(recordedUntil, furthest)
            )
            let position = open(account, rules.prices)
            openings.append(position)
            return ask(position, BudgetAccount.firstSerial)
        }
    }

    /// The charges that the windows being summed count themselves, whether the ledger has them already or not.
    var countedCharges: [ChargeID] {
        holds.lazy.filter(\.isOpen).map(\.charge) + (closedWhileAsking ?? [])
    }

    /// Replaces the rules. Budgets that remain continue under their new limits. New ones are put in force with what was
    /// spent before. Removed ones end with their last reservation.
    mutating func install(_ rules: AdmissionRules, spentOfNew: [MoneySum]) {
        for position in openings { accounts[position].putInForce() }
        openings = []
        endAsking(spentOfNew)
        prices = rules.prices
        let wanted = Dictionary(rules.budgets.map { ($0.identity, $0.rule) }) { first, _ in first }
        retireAll(except: wanted)
        replaceTeams(rules.teams)
        hang(rules)
    }

    /// Drops the budgets that were being opened.
    mutating func dropOpeningBudgets() {
        for position in openings {
            accounts[position].retire()
            unhang(position)
        }
        openings = []
        endAsking([])
    }

    private var liveBudgets: [BudgetAccount.Identity: Int] {
        let live = accounts.indices.filter { accounts[$0].phase == .inForce }.map { (accounts[$0].identity, $0) }
        return Dictionary(live) { first, _ in first }
    }

    private mutating func retireAll(except wanted: [BudgetAccount.Identity: BudgetRule]) {
        for position in accounts.indices where accounts[position].phase == .inForce {
            if let rule = wanted[accounts[position].identity] {
                accounts[position].replaceRule(rule)
            } else {
                accounts[position].retire()
            }
        }
    }

    /// Adds an account. It counts the requests in progress and all later ones.
    private mutating func open(_ account: BudgetAccount, _ prices: PriceBook?) -> Int {
        let position: Int
        if let gone = accounts.firstIndex(where: { $0.phase == .retired && $0.isIdle }) {
            position = gone
            accounts[gone] = account
        } else {
            position = accounts.count
            accounts.append(account)
        }
        adopt(position, BudgetAccount.firstSerial, prices)
        hang(position)
        return position
    }

    /// Adds to a new window the requests in progress that belong to it, whatever the ledger knows about them.
    mutating func adopt(_ account: Int, _ serial: UInt32, _ prices: PriceBook?) {
        guard let bounds = accounts[account].bounds(of: serial) else { return }
        for position in holds.indices
        where holds[position].isOpen && bounds.contains(holds[position].openedAtSeconds)
            && covers(account, holds[position], prices)
        {
            addShare(account, serial, to: position)
        }
    }

    private func covers(_ account: Int, _ hold: OpenHold, _ prices: PriceBook?) -> Bool {
        // No two windows of a budget contain the same instant, unless its calendar is wrong.
        if hold.shares.contains(where: { $0.account == account }) { return false }
        let isOurs =
            switch accounts[account].identity.scope {
            case .organization: true
            case .team(let name): teams[hold.team].team.name == name
            case .key(let team, let id): teams[hold.team].team.name == team && hold.key == id
            }
        return isOurs
            && accounts[account].terms.counts(hold.model, bookNames: prices?.names(of: hold.model) ?? [])
    }

    private mutating func replaceTeams(_ wanted: [Team]) {
        for position in teams.indices {
            teams[position].isKnown = false
            teams[position].accounts = []
            teams[position].keyAccounts = [:]
        }
        for team in wanted {
            if let position = teamPositions[team.name] {
                teams[position].replace(team)
            } else {
                teamPositions[team.name] = teams.count
                teams.append(AdmittedTeam(team))
            }
        }
    }

    /// Notes for each team which budgets count its requests, in the order of the configuration.
    private mutating func hang(_ rules: AdmissionRules) {
        let live = liveBudgets
        organizationAccounts = []
        for budget in rules.budgets { live[budget.identity].map { hang($0) } }
    }

    private mutating func hang(_ position: Int) {
        switch accounts[position].identity.scope {
        case .organization:
            organizationAccounts.append(position)
            for team in teams.indices where teams[team].isKnown { teams[team].accounts.append(position) }
        case .team(let name): teamPositions[name].map { teams[$0].accounts.append(position) }
        case .key(let team, let id):
            teamPositions[team].map { teams[$0].keyAccounts[id, default: []].append(position) }
        }
    }

    private mutating func unhang(_ position: Int) {
        organizationAccounts.removeAll { $0 == position }
        for team in teams.indices {
            teams[team].accounts.removeAll { $0 == position }
            for key in teams[team].keyAccounts.keys { teams[team].keyAccounts[key]?.removeAll { $0 == position } }
        }
    }
}

extension AdmissionRules {
    /// All its budgets, each with the identity that it keeps in another configuration.
    fileprivate var budgets: [(identity: BudgetAccount.Identity, rule: BudgetRule)] {
        var numbers: [BudgetAccount.Identity: Int] = [:]
        return scopedRules.map { scope, rule in
            var identity = BudgetAccount.Identity(scope, rule)
            let ordinal = numbers[identity, default: 0]
            numbers[identity] = ordinal + 1
            identity.ordinal = ordinal
            return (identity, rule)
        }
    }

    private var scopedRules: [(BudgetScope, BudgetRule)] {
        organization.map { (.organization, $0) }
            + teams.flatMap { team in
                team.budgets.map { (.team(team.name), $0) }
                    + team.keys.flatMap { key in key.budgets.map { (.key(team: team.name, id: key.id), $0) } }
            }
    }
}

extension BudgetAccount.Identity {
    fileprivate init(_ scope: BudgetScope, _ rule: BudgetRule) {
        self.init(
            scope: scope,
            period: rule.period,
            startsOn: rule.startsOn,
            timeZone: rule.timeZone,
            models: rule.models,
            ordinal: 0
        )
    }
}
