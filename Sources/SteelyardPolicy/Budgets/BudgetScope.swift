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

    /// Takes the rules of a configuration.
    ///
    /// - Parameter defaultTeam: the team of requests that name none; it need not be among the declared ones.
    public init(organization: [BudgetRule] = [], teams: [Team], defaultTeam: String? = nil) {
        self.organization = organization
        self.teams = teams
        guard let defaultTeam, !teams.contains(where: { $0.name == defaultTeam }) else { return }
        self.teams.append(Team(name: defaultTeam))
    }
}

/// What must be read from the ledger to know how much of a window is spent.
public struct SpendingQuery: Hashable, Sendable {
    /// Whose spending.
    public var scope: BudgetScope
    /// Requested models that count; empty: all.
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
