import GRDB
public import SteelyardPolicy

extension LedgerReader {
    /// The spending in budget windows: the costs of all entries whose charge was opened within each query's bounds,
    /// whatever their confidence. All answers are of the same moment.
    ///
    /// Whole hours come from the hourly totals, and the partial hours at both ends from the entries: in zones with an
    /// offset of 45 minutes, no day starts with a UTC hour. If the entries of such an hour were deleted, the whole hour
    /// counts, and it counts for every group of models if its total names no model: too much is safer than too little.
    ///
    /// - Parameters:
    ///   - queries: The windows.
    ///   - leavingOut: Charges that do not count. It is called when the moment is fixed, so that it can name every
    ///     charge that may have reached the ledger since another count of them started.
    public func spent(
        _ queries: [SpendingQuery],
        leavingOut: () -> [ChargeID] = { [] }
    ) throws(LedgerError) -> [MoneySum] {
        try read { database in
            var spending = SpendingSums()
            let sums = try queries.map { try spending.sum($0, database) }
            // The transaction has read by now, which fixes the state that it sees.
            let left = try SpentEntry.of(leavingOut(), database)
            return zip(queries, sums).map { query, sum in
                left.reduce(sum) { $1.counts(for: query) ? MoneySum($0.amount - Int128($1.cost)) : $0 }
            }
        }
    }
}

/// Sums by bounds: a start asks for the budgets of every team and key, and most share their windows.
private struct SpendingSums {
    private var sums: [WindowBounds: [SpentGroup]] = [:]

    mutating func sum(_ query: SpendingQuery, _ database: Database) throws -> MoneySum {
        let groups = try groups(within: query.bounds, database)
        return groups.reduce(into: MoneySum()) { if $1.counts(for: query) { $0 += $1.cost } }
    }

    private mutating func groups(within bounds: WindowBounds, _ database: Database) throws -> [SpentGroup] {
        if let known = sums[bounds] { return known }
        let groups = try SpentGroup.within(bounds, database)
        sums[bounds] = groups
        return groups
    }
}

/// What a key of a team spent on a requested model.
private struct SpentGroup {
    var team: String
    var key: String
    /// Nil if the model is no longer known.
    var model: String?
    var cost: MoneySum

    static func within(_ bounds: WindowBounds, _ database: Database) throws -> [SpentGroup] {
        let lines = try LedgerLines(bounds, database)
        let sql = """
            \(lines.sqlOfModels)
            SELECT team, key, model, \(LedgerLines.costSums) FROM model_lines GROUP BY team, key, model
            """
        return try Row.fetchAll(database, sql: sql, arguments: lines.argumentsOfModels).map { row in
            SpentGroup(team: row["team"], key: row["key"], model: row["model"], cost: LedgerLines.cost(row))
        }
    }

    func counts(for query: SpendingQuery) -> Bool { query.counts(team: team, key: key, model: model) }
}

/// One entry of a charge that is looked up by its id.
private struct SpentEntry {
    var opening: ChargeOpening
    var cost: Int64

    static func of(_ charges: [ChargeID], _ database: Database) throws -> [SpentEntry] {
        guard !charges.isEmpty else { return [] }
        let sql = "SELECT * FROM entries WHERE charge_high = ? AND charge_low = ?"
        let statement = try database.cachedStatement(sql: sql)
        return try Set(charges).flatMap { charge in
            let id = [Int64(bitPattern: charge.high), Int64(bitPattern: charge.low)]
            return try Row.fetchAll(statement, arguments: StatementArguments(id)).map { row in
                SpentEntry(opening: ChargeOpening(row: row), cost: row["cost"])
            }
        }
    }

    func counts(for query: SpendingQuery) -> Bool {
        query.bounds.contains(opening.openedAtSeconds)
            && query.counts(team: opening.team, key: opening.key, model: opening.model)
    }
}

extension SpendingQuery {
    fileprivate func counts(team: String, key: String, model: String?) -> Bool {
        guard isWithin(team: team, key: key) else { return false }
        guard !models.isEmpty, let model else { return true }
        return models.contains { $0.matches(model) }
    }

    private func isWithin(team: String, key: String) -> Bool {
        switch scope {
        case .organization: true
        case .team(let name): name == team
        case .key(let name, let id): name == team && id == key
        }
    }
}

extension MoneySum {
    static func += (sum: inout MoneySum, other: MoneySum) { sum = MoneySum(sum.amount + other.amount) }
}
