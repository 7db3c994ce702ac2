import SteelyardPolicy

extension ConsistencyCheck {
    /// Reports budgets that are listed twice, never take effect, can be bypassed, or are forgotten at every restart.
    func checkBudgets() {
        for owner in budgetOwners {
            for index in owner.rules.indices { checkReach(owner, index) }
        }
        for team in soundTeams {
            checkLeaving(team)
            checkSettings(team)
        }
        checkRecord()
    }

    private func checkReach(_ owner: BudgetOwner, _ index: Int) {
        let rule = owner.rules[index]
        let key = "\(owner.key).budgets[\(index)]"
        if let first = owner.rules[..<index].firstIndex(of: rule) {
            let place = line(of: "\(owner.key).budgets[\(first)]").map { " on line \($0)" } ?? ""
            return report(key, "is already listed\(place)", remedy: "remove one of the two")
        }
        for around in [owner.asOuter] + owner.outer {
            guard let first = around.rules.firstIndex(where: { $0.endsBefore(rule) }) else { continue }
            let ending = around.rules[first]
            let place = line(of: "\(around.key).budgets[\(first)]").map { " on line \($0)" } ?? ""
            return report(
                key,
                severity: .warning,
                "never takes effect: the limit of \(ending.limit.usdText) USD a \(ending.period.rawValue) for "
                    + "\(around.name)\(place) is always reached first",
                remedy: "lower limit_usd, or remove this budget"
            )
        }
    }

    /// A blocking budget is of little use if callers can avoid it by not naming the team.
    private func checkLeaving(_ team: Team) {
        guard team.isClaimable, let index = team.budgets.firstIndex(where: { $0.whenSpent == .block }) else { return }
        let others = configuration.teams.filter { $0.isClaimable && $0.name != team.name }.map(\.name)
        let elsewhere =
            configuration.defaultTeam == team.name ? others.first : configuration.defaultTeam ?? others.first
        guard let elsewhere else { return }
        report(
            "teams.\(team.name).budgets[\(index)]",
            severity: .warning,
            "can be bypassed: \(team.name) has no keys, so its callers can have \(elsewhere) charged instead",
            remedy: "give the team keys: steelyard keys create --team \(team.name)"
        )
    }

    /// Reports settings for blocking budgets on teams without one.
    private func checkSettings(_ team: Team) {
        guard !isBlocked(team) else { return checkUnpriced(team) }
        for name in ["reserve", "outgrown_hold", "unmetered", "unpriced"] where isWritten("teams.\(team.name).\(name)")
        {
            report(
                "teams.\(team.name).\(name)",
                severity: .warning,
                "has no effect: no budget blocks requests of \(team.name)",
                remedy: "remove \(name), or add a budget with when_spent: block"
            )
        }
    }

    private func checkUnpriced(_ team: Team) {
        guard configuration.prices.unpriced == .refuse, team.unpriced == .allow else { return }
        report(
            "teams.\(team.name).unpriced",
            severity: .warning,
            "has no effect: prices.unpriced refuses models without a price for every team",
            remedy: "remove one of the two"
        )
    }

    private func isBlocked(_ team: Team) -> Bool {
        let rules = configuration.organization.budgets + team.budgets + team.keys.flatMap(\.budgets)
        return rules.contains { $0.whenSpent == .block }
    }

    /// At a start, the spending is read from the ledger.
    private func checkRecord() {
        let rules = budgetOwners.flatMap(\.rules)
        guard let ledger = configuration.ledger else { return checkWithoutLedger(rules) }
        guard let longest = rules.map(\.period).max(by: { $0.mostSeconds < $1.mostSeconds }),
            ledger.keepSeconds < longest.mostSeconds, isAsWritten("ledger.keep")
        else { return }
        let days = Quantity.Scale.milliseconds.text(Int((longest.mostSeconds + 86_399) / 86_400) * 86_400_000)
        report(
            "ledger.keep",
            severity: .warning,
            "is shorter than the longest budget period (\(longest.rawValue)): a restart may forget part of an hour's spending",
            remedy: "write keep: \(days) or more"
        )
    }

    private func checkWithoutLedger(_ rules: [BudgetRule]) {
        guard !rules.isEmpty else { return }
        let isBlocking = rules.contains { $0.whenSpent == .block }
        report(
            "ledger",
            severity: isBlocking ? .error : .warning,
            "is off, but there are budgets: every restart would forget what was spent",
            remedy: "remove ledger: off"
        )
    }
}
