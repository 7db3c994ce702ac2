import SteelyardPolicy

/// The organization, a team or a key, with the budgets that hold for it besides its own.
struct BudgetOwner {
    /// Its key in proxy.yaml: `teams.search`.
    let key: String
    /// In a sentence: `team search`.
    let name: String
    /// Its own budgets.
    let rules: [BudgetRule]
    /// Whose budgets its spending counts in as well.
    let outer: [OuterBudgets]

    /// The budgets of one that spending passes through.
    struct OuterBudgets {
        let key: String
        let name: String
        let rules: [BudgetRule]
    }

    private init(key: String, name: String, rules: [BudgetRule], within outer: [OuterBudgets]) {
        (self.key, self.name, self.rules, self.outer) = (key, name, rules, outer)
    }

    /// Every owner among some teams and their organization.
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

    /// Itself, as the owner of budgets around others.
    var asOuter: OuterBudgets { OuterBudgets(key: key, name: name, rules: rules) }
}

extension BudgetRule {
    /// Whether this budget always ends spending before the other can be reached.
    func endsBefore(_ other: BudgetRule) -> Bool {
        guard whenSpent == .block, counts(allOf: other) else { return false }
        // A budget that only warns may do so early.
        let early = other.whenSpent == .warn ? other.warnAtPermille.first ?? 1_000 : 1_000
        let isReached = other.limit.amount * Int128(early)
        return isReached > limit.amount * Int128(windows(within: other)) * 1_000
    }

    private func counts(allOf other: BudgetRule) -> Bool {
        models.isEmpty
            || (!other.models.isEmpty && other.models.allSatisfy { part in models.contains { $0.covers(part) } })
    }

    /// In how many windows of this budget one window of the other can lie, at most.
    private func windows(within other: BudgetRule) -> Int {
        let isSame = period == other.period && startsOn == other.startsOn && timeZone == other.timeZone
        return isSame ? 1 : (other.period.mostHours + period.fewestHours - 1) / period.fewestHours + 1
    }
}

extension BudgetPeriod {
    /// Its length where clocks go forward, in hours.
    fileprivate var fewestHours: Int {
        switch self {
        case .hour: 1
        case .day: 23
        case .week: 7 * 24 - 1
        case .month: 28 * 24 - 1
        case .year: 365 * 24
        }
    }

    /// Its length where clocks go back, in hours.
    fileprivate var mostHours: Int {
        switch self {
        case .hour: 1
        case .day: 25
        case .week: 7 * 24 + 1
        case .month: 31 * 24 + 1
        case .year: 366 * 24
        }
    }

    /// Its length at most, in seconds.
    var mostSeconds: Int64 { Int64(mostHours) * 3600 }
}
