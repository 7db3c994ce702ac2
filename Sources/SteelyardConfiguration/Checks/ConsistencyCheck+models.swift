import SteelyardPolicy

extension ConsistencyCheck {
    /// The built-in prices. A test checks before each release that they can be read.
    private static let builtIn = try? PriceBook.builtIn()
    private static let builtInModels = builtIn?.models.map { $0.names.map(\.text) } ?? []
    private static let builtInNames = builtInModels.flatMap(\.self)

    /// Reports patterns that match no model, that another pattern excludes completely, or that change nothing.
    func checkModels() {
        for team in soundTeams {
            let key = "teams.\(team.name).models"
            checkAllowed(team, key)
            checkDenied(team, key)
            checkCounted(team.budgets, team, "teams.\(team.name)")
            for (index, item) in team.keys.enumerated() {
                checkCounted(item.budgets, team, "teams.\(team.name).keys[\(index)]")
            }
        }
        checkKnown()
    }

    private func checkAllowed(_ team: Team, _ key: String) {
        for (index, allowed) in team.allowedModels.enumerated() {
            guard let denied = team.deniedModels.first(where: { takesAll(of: allowed, $0) }) else { continue }
            report(
                "\(key).allow[\(index)]",
                "never allows a model: \(denied.text) in deny excludes every model that \(allowed.text) allows",
                remedy: "remove \(allowed.text) from allow, or \(denied.text) from deny"
            )
        }
    }

    private func checkDenied(_ team: Team, _ key: String) {
        guard !team.allowedModels.isEmpty else { return }
        for (index, denied) in team.deniedModels.enumerated()
        where !team.allowedModels.contains(where: { meet(denied, $0) }) {
            report(
                "\(key).deny[\(index)]",
                severity: .warning,
                "has no effect: no pattern in allow includes a model that \(denied.text) could exclude",
                remedy: "remove \(denied.text)"
            )
        }
    }

    /// Reports budgets for models that the team may not use.
    private func checkCounted(_ rules: [BudgetRule], _ team: Team, _ owner: String) {
        for (index, rule) in rules.enumerated() {
            for (position, counted) in rule.models.enumerated() where !mayUse(team, someOf: counted) {
                report(
                    "\(owner).budgets[\(index)].models[\(position)]",
                    "counts nothing: \(team.name) may not use \(counted.text)",
                    remedy: "remove \(counted.text), or allow it in models.allow and models.deny"
                )
            }
        }
    }

    /// Whether some model fits both patterns, each by any of its names: a pattern means the model, not one name.
    private func meet(_ one: ModelPattern, _ other: ModelPattern) -> Bool {
        one.overlaps(other)
            || modelsOfBook.contains { names in
                names.contains(where: one.matches) && names.contains(where: other.matches)
            }
    }

    /// Whether every model that fits `allowed` also fits `denied`, so that none is left.
    private func takesAll(of allowed: ModelPattern, _ denied: ModelPattern) -> Bool {
        if denied.covers(allowed) { return true }
        // A name without a star is one model; the book knows its other names.
        guard !allowed.text.contains("*") else { return false }
        return modelsOfBook.contains { names in names.contains(allowed.text) && names.contains(where: denied.matches) }
    }

    /// Whether some model that fits a pattern is allowed and not denied.
    private func mayUse(_ team: Team, someOf pattern: ModelPattern) -> Bool {
        let isAllowed = team.allowedModels.isEmpty || team.allowedModels.contains { meet(pattern, $0) }
        return isAllowed && !team.deniedModels.contains { takesAll(of: pattern, $0) }
    }

    /// The names of each model; the operator's own models come first.
    private var modelsOfBook: [[String]] {
        configuration.prices.models.map { $0.names.map(\.text) } + Self.builtInModels
    }

    private func checkKnown() {
        guard let book = Self.builtIn else { return }
        let names = configuration.prices.models.flatMap { $0.names.map(\.text) } + Self.builtInNames
        for (key, pattern) in patterns where !pattern.fits(book, names) {
            let likely = Nearest.word(to: pattern.text, among: names).map { "did you mean \($0)? " } ?? ""
            report(
                key,
                severity: .warning,
                "\(pattern.text) matches no model in the price book",
                remedy: likely + "`steelyard prices show` lists its models; add your own in prices.file"
            )
        }
    }

    /// All patterns of the configuration, with their keys.
    private var patterns: [(String, ModelPattern)] {
        let ofTeams = soundTeams.flatMap { team in
            numbered(team.allowedModels, "teams.\(team.name).models.allow")
                + numbered(team.deniedModels, "teams.\(team.name).models.deny")
        }
        let ofBudgets = budgetOwners.flatMap { owner in
            owner.rules.enumerated().flatMap { numbered($1.models, "\(owner.key).budgets[\($0)].models") }
        }
        return ofTeams + ofBudgets
    }

    private func numbered(_ patterns: [ModelPattern], _ key: String) -> [(String, ModelPattern)] {
        patterns.enumerated().map { ("\(key)[\($0)]", $1) }
    }
}
