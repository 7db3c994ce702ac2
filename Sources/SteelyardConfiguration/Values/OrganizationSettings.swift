public import SteelyardPolicy

/// `organization` in proxy.yaml: what holds for all teams together.
public struct OrganizationSettings: Hashable, Sendable {
    /// Windows of spending over all teams.
    public var budgets: [BudgetRule]

    /// Makes the section; every default is that of proxy.yaml.
    public init(budgets: [BudgetRule] = []) { self.budgets = budgets }
}
