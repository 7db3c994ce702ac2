/// Taking the rules of a configuration; money stays.
extension BudgetBook {
    /// A budget that has to be opened, and what must be known for it.
    struct NewBudget: Sendable {
        var identity: BudgetAccount.Identity
        var rule: BudgetRule
        var query: SpendingQuery
    }

    /// The budgets of a configuration that are not open yet.
    mutating func newBudgets(in rules: AdmissionRules, wallSeconds: Int64) -> [NewBudget] {
        let now = now(wallSeconds)
        let live = liveBudgets
        return rules.budgets.filter { live[$0.identity] == nil }.map { identity, rule in
            let bounds = bounds(of: rule, at: now)
            let query = SpendingQuery(scope: identity.scope, models: rule.models, bounds: bounds)
            return NewBudget(identity: identity, rule: rule, query: query)
        }
    }

    /// Replaces the rules: the same budgets go on under new limits, new ones begin with what they are told is spent
    /// and what is under way, and those that are gone end with their last reservation.
    mutating func install(_ rules: AdmissionRules, _ new: [(budget: NewBudget, spent: MoneySum)]) {
        let wanted = Dictionary(rules.budgets.map { ($0.identity, $0.rule) }) { first, _ in first }
        retireAll(except: wanted)
        for (budget, spent) in new { open(budget, spent: spent) }
        replaceTeams(rules.teams)
        hang(rules)
    }

    private var liveBudgets: [BudgetAccount.Identity: Int] {
        let live = accounts.indices.filter { !accounts[$0].isRetired }.map { (accounts[$0].identity, $0) }
        return Dictionary(live) { first, _ in first }
    }

    private mutating func retireAll(except wanted: [BudgetAccount.Identity: BudgetRule]) {
        for position in accounts.indices where !accounts[position].isRetired {
            if let rule = wanted[accounts[position].identity] {
                accounts[position].replaceRule(rule)
            } else {
                accounts[position].isRetired = true
            }
        }
    }

    /// A retired budget is never taken up again: it has missed what was spent since.
    private mutating func open(_ new: NewBudget, spent: MoneySum) {
        let account = BudgetAccount(new.identity, rule: new.rule, bounds: new.query.bounds, spent: spent)
        let position: Int
        if let gone = accounts.firstIndex(where: { $0.isRetired && $0.isIdle }) {
            position = gone
            accounts[gone] = account
        } else {
            position = accounts.count
            accounts.append(account)
        }
        adopt(position)
    }

    /// A budget that is new to requests under way counts them too: they are not in any ledger yet.
    private mutating func adopt(_ account: Int) {
        for position in holds.indices where holds[position].isOpen && covers(account, holds[position]) {
            addShare(account, to: position)
        }
    }

    private func covers(_ account: Int, _ hold: OpenHold) -> Bool {
        let isOurs =
            switch accounts[account].identity.scope {
            case .organization: true
            case .team(let name): teams[hold.team].team.name == name
            case .key(let team, let id): teams[hold.team].team.name == team && hold.key == id
            }
        return isOurs && accounts[account].terms.counts(hold.model)
            && accounts[account].current.bounds.contains(hold.openedAtSeconds)
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

    /// Notes at each team which budgets count its requests.
    private mutating func hang(_ rules: AdmissionRules) {
        let live = liveBudgets
        let positions = rules.budgets.compactMap { live[$0.identity] }
        organizationAccounts = positions.filter { accounts[$0].identity.scope == .organization }
        for team in teams.indices where teams[team].isKnown { teams[team].accounts = organizationAccounts }
        for position in positions {
            switch accounts[position].identity.scope {
            case .organization: continue
            case .team(let name): teamPositions[name].map { teams[$0].accounts.append(position) }
            case .key(let team, let id):
                teamPositions[team].map { teams[$0].keyAccounts[id, default: []].append(position) }
            }
        }
    }
}

extension AdmissionRules {
    /// All its budgets, each by what makes it the same one in another configuration.
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
