/// Whose spending a budget counts.
public enum BudgetScope: Hashable, Sendable {
    /// All teams together.
    case organization
    /// One team.
    case team(String)
    /// One Steelyard key, by its public id.
    case key(team: String, id: String)
}

/// Every rule that admission goes by: the part of a configuration that ``Admission`` takes.
public struct AdmissionRules: Sendable {
    /// Windows over all teams.
    public var organization: [BudgetRule]
    /// The teams, with the budgets and limits of each and of its keys.
    public var teams: [Team]
    /// Knows every name of a model, so that rules about one are not left by another; nil: names are all there is.
    public var prices: PriceBook?

    /// Takes the rules of a configuration.
    ///
    /// - Parameter defaultTeam: the team of requests that name none; it need not be among the declared ones.
    public init(
        organization: [BudgetRule] = [],
        teams: [Team],
        defaultTeam: String? = nil,
        prices: PriceBook? = nil
    ) {
        self.organization = organization
        self.teams = teams
        self.prices = prices
        guard let defaultTeam, !teams.contains(where: { $0.name == defaultTeam }) else { return }
        self.teams.append(Team(name: defaultTeam))
    }

    /// The same, with patterns that know what the price book says they mean.
    var resolved: AdmissionRules {
        guard let prices else { return self }
        var rules = self
        rules.organization = organization.known(by: prices)
        rules.teams = teams.map { $0.known(by: prices) }
        return rules
    }
}

extension [BudgetRule] {
    fileprivate func known(by prices: PriceBook) -> [BudgetRule] {
        map { rule in
            var rule = rule
            rule.models = rule.models.map { $0.known(by: prices) }
            return rule
        }
    }
}

extension Team {
    fileprivate func known(by prices: PriceBook) -> Team {
        var team = self
        team.allowedModels = allowedModels.map { $0.known(by: prices) }
        team.deniedModels = deniedModels.map { $0.known(by: prices) }
        team.budgets = budgets.known(by: prices)
        for key in team.keys.indices { team.keys[key].budgets = team.keys[key].budgets.known(by: prices) }
        return team
    }
}

/// What must be read from the ledger to know how much of a window is spent.
public struct SpendingQuery: Hashable, Sendable {
    /// Whose spending.
    public var scope: BudgetScope
    /// Models that count, asked for or paid for, by any of their names; empty: all.
    public var models: [ModelPattern]
    /// Charges opened within these bounds count.
    public var bounds: WindowBounds
}

extension BudgetRule {
    /// The window in words, such as `month` or `month of models o*, gpt-5*-pro`.
    public var windowText: String {
        guard !models.isEmpty else { return period.rawValue }
        return "\(period.rawValue) of models \(models.map(\.text).joined(separator: ", "))"
    }
}
