/// Whose spending a budget counts.
public enum BudgetScope: Hashable, Sendable {
    /// All teams together.
    case organization
    /// One team.
    case team(String)
    /// One Steelyard key, by its public id.
    case key(team: String, id: String)
}

/// Every rule that ``Admission`` applies: the part of a configuration that it takes.
public struct AdmissionRules: Sendable {
    /// Windows over all teams.
    public var organization: [BudgetRule]
    /// The teams, each with its budgets, its limits and its keys' budgets.
    public var teams: [Team]
    /// Knows every name of a model, so that nobody escapes a rule about a model by using another of its names. Nil:
    /// only the names as written count.
    public var prices: PriceBook?

    /// Takes the rules of a configuration.
    ///
    /// - Parameter defaultTeam: the team of requests that name none. It need not be among the declared ones.
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

    /// The same rules, with each pattern resolved by the price book.
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
    /// Only charges for these models count, under any of their names, whether requested or paid for. Empty: all.
    public var models: [ModelPattern]
    /// Only charges opened within these bounds count.
    public var bounds: WindowBounds
}

extension BudgetRule {
    /// The window as text, such as `month` or `month of models o*, gpt-5*-pro`.
    public var windowText: String {
        guard !models.isEmpty else { return period.rawValue }
        return "\(period.rawValue) of models \(models.map(\.text).joined(separator: ", "))"
    }
}
