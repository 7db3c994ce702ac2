import SteelyardPolicy

extension ConsistencyCheck {
    /// Budgets that are listed twice, never reached, easily left, or forgotten at every restart.
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
            return report(key, "is listed already\(place)", remedy: "take one of the two out")
        }
        for around in [owner.asOuter] + owner.outer {
            guard let first = around.rules.firstIndex(where: { $0.endsBefore(rule) }) else { continue }
            let ending = around.rules[first]
            let place = line(of: "\(around.key).budgets[\(first)]").map { " on line \($0)" } ?? ""
            return report(
                key,
                severity: .warning,
                "is never reached: \(ending.limit.usdText) USD a \(ending.period.rawValue) of \(around.name)\(place) "
                    + "end sooner",
                remedy: "lower limit_usd, or take this budget out"
            )
        }
    }

    /// A budget that blocks is of little use where the team can be left by leaving out its name.
    private func checkLeaving(_ team: Team) {
        guard team.isClaimable, let index = team.budgets.firstIndex(where: { $0.whenSpent == .block }) else { return }
        let others = configuration.teams.filter { $0.isClaimable && $0.name != team.name }.map(\.name)
        let elsewhere =
            configuration.defaultTeam == team.name ? others.first : configuration.defaultTeam ?? others.first
        guard let elsewhere else { return }
        report(
            "teams.\(team.name).budgets[\(index)]",
            severity: .warning,
            "can be left: nothing proves who belongs to \(team.name), and others are charged to \(elsewhere)",
            remedy: "give the team keys: steelyard keys create --team \(team.name)"
        )
    }

    /// Settings about budgets that block, of teams without one.
    private func checkSettings(_ team: Team) {
        guard !isBlocked(team) else { return checkUnpriced(team) }
        for name in ["reserve", "outgrown_hold", "unmetered", "unpriced"] where isWritten("teams.\(team.name).\(name)")
        {
            report(
                "teams.\(team.name).\(name)",
                severity: .warning,
                "has no effect: no budget of \(team.name) blocks",
                remedy: "take \(name) out, or write a budget with when_spent: block"
            )
        }
    }

    private func checkUnpriced(_ team: Team) {
        guard configuration.prices.unpriced == .refuse, team.unpriced == .allow else { return }
        report(
            "teams.\(team.name).unpriced",
            severity: .warning,
            "has no effect: prices.unpriced refuses models without a price to all",
            remedy: "take one of the two out"
        )
    }

    private func isBlocked(_ team: Team) -> Bool {
        let rules = configuration.organization.budgets + team.budgets + team.keys.flatMap(\.budgets)
        return rules.contains { $0.whenSpent == .block }
    }

    /// What is spent is read from the ledger at start.
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
            "is shorter than a \(longest.rawValue), for which there is a budget: a restart may forget part of an hour",
            remedy: "write keep: \(days) or more"
        )
    }

    private func checkWithoutLedger(_ rules: [BudgetRule]) {
        guard !rules.isEmpty else { return }
        let isBlocking = rules.contains { $0.whenSpent == .block }
        report(
            "ledger",
            severity: isBlocking ? .error : .warning,
            "is off, but there are budgets: every restart would forget what is spent",
            remedy: "take ledger: off out"
        )
    }
}
