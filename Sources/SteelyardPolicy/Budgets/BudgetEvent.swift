/// An event that an operator should know about.
public enum BudgetEvent: Hashable, Sendable {
    /// The spending in a window has reached one of its thresholds. Reported once per window.
    case reached(BudgetThreshold)
    /// The wall clock went back by more than 25 hours, and the budgets follow it: windows that had ended may be current
    /// again.
    case clockWentBack(fromSeconds: Int64, toSeconds: Int64)
    /// A reservation was dropped without being settled or released: a bug in Steelyard. Its hold is free again.
    case leaked(team: String, hold: Picodollars)
}

/// A threshold of a window that was reached.
public struct BudgetThreshold: Hashable, Sendable {
    /// Whose budget.
    public var scope: BudgetScope
    /// The budget.
    public var rule: BudgetRule
    /// The part of its limit, in thousandths.
    public var permille: Int
    /// What is spent.
    public var spent: MoneySum
    /// When the window ends, in seconds since 1970.
    public var resetsAtSeconds: Int64
}
