import SteelyardPolicy

extension ConfigurationReader {
    private static let budgetKeys = [
        "limit_usd", "every", "starts_on", "time_zone", "warn_at", "when_spent", "models",
    ]

    /// `organization`.
    func organization() -> OrganizationSettings {
        OrganizationSettings(budgets: budgets(root.section("organization", known: ["budgets"])))
    }

    /// `budgets` of an organization, a team or a key; incomplete rules are reported and left out.
    func budgets(_ owner: Section) -> [BudgetRule] {
        owner["budgets"]?.elements().compactMap(budget) ?? []
    }

    private func budget(_ value: Value) -> BudgetRule? {
        let section = Section(value, known: Self.budgetKeys)
        let limit = section.required("limit_usd", example: "500")?.number(Dollars.read)
        let every = section.required("every", example: "month")?.read { text throws(Complaint) in
            try Word.read(text, default: BudgetPeriod.month)
        }
        let zone = section.read("time_zone", default: "UTC") { text throws(Complaint) in
            try TimeZoneName.read(text, files)
        }
        let first = every.flatMap { startsOn(section, $0) }
        let parts = section["warn_at"].map(warnAt) ?? []
        let whenSpent = section.choice("when_spent", default: SpentBudget.block)
        let models = patterns(section, "models")
        guard let limit, let every else { return nil }
        return BudgetRule(
            limit: limit,
            period: every,
            startsOn: first ?? 1,
            timeZone: zone,
            warnAtPermille: parts,
            whenSpent: whenSpent,
            models: models
        )
    }

    private func startsOn(_ section: Section, _ period: BudgetPeriod) -> Int? {
        guard let value = section["starts_on"] else { return nil }
        switch period {
        case .week: return value.wholeNumber(in: 1...7, usual: 1)
        case .month: return value.wholeNumber(in: 1...31, usual: 1)
        case .hour, .day, .year:
            let message = "has no meaning with every: \(period.rawValue)"
            value.report(Complaint(message: message, remedy: .act("remove starts_on")))
            return nil
        }
    }

    private func warnAt(_ value: Value) -> [Int] {
        let parts = value.elements().compactMap { $0.number(Permille.read) }
        let ascending = Array(Set(parts)).sorted()
        if parts != ascending {
            let list = ascending.map(Permille.text).joined(separator: ", ")
            value.report(Complaint(message: "must be in ascending order", remedy: .write("[\(list)]")))
        }
        return ascending
    }

    /// A list of model names, in which `*` stands for any characters.
    func patterns(_ section: Section, _ name: String) -> [ModelPattern] {
        section[name]?.elements().compactMap { $0.read(ModelPattern.read) } ?? []
    }
}
