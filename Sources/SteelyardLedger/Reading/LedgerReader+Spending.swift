import GRDB
public import SteelyardPolicy
import Synchronization

extension LedgerReader {
    /// What was spent, for windows of budgets: the costs of all entries whose charge was opened within each query's
    /// bounds, whatever their confidence. All answers are of one moment.
    ///
    /// Whole hours come from the hourly totals and the parts of hours at both ends from the entries: in zones with an
    /// offset of 45 minutes no day begins with an hour of UTC. Where the entries of such a part are gone already, the
    /// whole hour counts: rather too much than too little.
    public func spent(_ queries: [SpendingQuery]) throws(LedgerError) -> [MoneySum] {
        try read { database in
            try spending.withLock { spending in
                try spending.adopt(version: Int64.fetchOne(database, sql: "PRAGMA data_version") ?? 0)
                return try queries.map { query in
                    let groups = try spending.groups(within: query.bounds, database)
                    return groups.reduce(into: MoneySum()) { if $1.counts(for: query) { $0 += $1.cost } }
                }
            }
        }
    }

    /// What was spent in one window.
    public func spent(_ query: SpendingQuery) throws(LedgerError) -> MoneySum { try spent([query]).first ?? MoneySum() }
}

/// Sums by bounds, as long as the ledger has not changed: a start asks for every budget of every team and key, and most
/// share their windows.
struct SpendingSums {
    private var version: Int64?
    private var sums: [WindowBounds: [SpentGroup]] = [:]

    /// - Parameter version: Changes when another connection has committed (https://sqlite.org/pragma.html#pragma_data_version).
    mutating func adopt(version: Int64) {
        guard version != self.version else { return }
        (self.version, sums) = (version, [:])
    }

    mutating func groups(within bounds: WindowBounds, _ database: Database) throws -> [SpentGroup] {
        if let known = sums[bounds] { return known }
        let groups = try SpentGroup.within(bounds, database)
        sums[bounds] = groups
        return groups
    }
}

/// What a team's key spent on a requested model.
struct SpentGroup {
    var team: String
    var key: String
    var model: String
    var cost: MoneySum

    static func within(_ bounds: WindowBounds, _ database: Database) throws -> [SpentGroup] {
        let lines = try LedgerLines(bounds, database)
        let sql = "\(lines.sql) SELECT team, key, model, \(LedgerLines.costSums) FROM lines GROUP BY team, key, model"
        return try Row.fetchAll(database, sql: sql, arguments: lines.arguments).map { row in
            SpentGroup(team: row["team"], key: row["key"], model: row["model"], cost: LedgerLines.cost(row))
        }
    }

    func counts(for query: SpendingQuery) -> Bool {
        isWithin(query.scope) && (query.models.isEmpty || query.models.contains { $0.matches(model) })
    }

    private func isWithin(_ scope: BudgetScope) -> Bool {
        switch scope {
        case .organization: true
        case .team(let team): self.team == team
        case .key(let team, let key): self.team == team && self.key == key
        }
    }
}

extension MoneySum {
    static func += (sum: inout MoneySum, other: MoneySum) { sum = MoneySum(sum.amount + other.amount) }
}
