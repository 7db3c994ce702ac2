public import SteelyardPolicy

/// `organization` in proxy.yaml: rules for all teams together.
public struct OrganizationSettings: Hashable, Sendable {
    /// Budgets for all teams together.
    public var budgets: [BudgetRule]

    /// Makes the section; all defaults are those of proxy.yaml.
    public init(budgets: [BudgetRule] = []) { self.budgets = budgets }
}
