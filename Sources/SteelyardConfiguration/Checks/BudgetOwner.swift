import SteelyardPolicy

/// The organization, a team or a key, with the outer budgets that also limit it.
struct BudgetOwner {
    /// Its key in proxy.yaml: `teams.search`.
    let key: String
    /// Its name in a sentence: `team search`.
    let name: String
    /// Its own budgets.
    let rules: [BudgetRule]
    /// The outer budgets that also count its spending.
    let outer: [OuterBudgets]

    /// The budgets of an outer owner.
    struct OuterBudgets {
        let key: String
        let name: String
        let rules: [BudgetRule]
    }

    private init(key: String, name: String, rules: [BudgetRule], within outer: [OuterBudgets]) {
        (self.key, self.name, self.rules, self.outer) = (key, name, rules, outer)
    }

    /// All owners: the organization, its teams and their keys.
    static func all(_ organization: OrganizationSettings, _ teams: [Team]) -> [BudgetOwner] {
        let whole = BudgetOwner(
            key: "organization",
            name: "the organization",
            rules: organization.budgets,
            within: []
        )
        return [whole] + teams.flatMap { within(whole, $0) }
    }

    private static func within(_ organization: BudgetOwner, _ team: Team) -> [BudgetOwner] {
        let key = "teams.\(team.name)"
        let owner = BudgetOwner(
            key: key,
            name: "team \(team.name)",
            rules: team.budgets,
            within: [organization.asOuter]
        )
        return [owner]
            + team.keys.enumerated().map { index, item in
                BudgetOwner(
                    key: "\(key).keys[\(index)]",
                    name: "key \(item.id)",
                    rules: item.budgets,
                    within: [owner.asOuter, organization.asOuter]
                )
            }
    }

    /// This owner's budgets, as outer budgets of others.
    var asOuter: OuterBudgets { OuterBudgets(key: key, name: name, rules: rules) }
}

extension BudgetRule {
    /// Whether this budget always stops spending before the other is reached.
    func endsBefore(_ other: BudgetRule) -> Bool {
        guard whenSpent == .block, counts(allOf: other) else { return false }
        // A budget that only warns takes effect at its first warning.
        let early = other.whenSpent == .warn ? other.warnAtPermille.first ?? 1_000 : 1_000
        let isReached = other.limit.amount * Int128(early)
        return isReached > limit.amount * Int128(windows(within: other)) * 1_000
    }

    private func counts(allOf other: BudgetRule) -> Bool {
        models.isEmpty
            || (!other.models.isEmpty && other.models.allSatisfy { part in models.contains { $0.covers(part) } })
    }

    /// The most windows of this budget that one window of the other can overlap.
    private func windows(within other: BudgetRule) -> Int {
        let isSame = period == other.period && startsOn == other.startsOn && timeZone == other.timeZone
        return isSame ? 1 : (other.period.mostHours + period.fewestHours - 1) / period.fewestHours + 1
    }
}

extension BudgetPeriod {
    /// The length of the shortest period, in hours (clocks go forward).
    fileprivate var fewestHours: Int {
        switch self {
        case .hour: 1
        case .day: 23
        case .week: 7 * 24 - 1
        case .month: 28 * 24 - 1
        case .year: 365 * 24
        }
    }

    /// The length of the longest period, in hours (clocks go back).
    fileprivate var mostHours: Int {
        switch self {
        case .hour: 1
        case .day: 25
        case .week: 7 * 24 + 1
        case .month: 31 * 24 + 1
        case .year: 366 * 24
        }
    }

    /// The length of the longest period, in seconds.
    var mostSeconds: Int64 { Int64(mostHours) * 3600 }
}
