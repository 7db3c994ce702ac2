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
    ///   - prices: Knows every name of a model. A query for some models includes them under any of their names
    ///     (``ModelPattern/means(_:bookNames:)``), whether requested or paid for.
    ///   - leavingOut: Returns the charges that do not count. It is called after the moment is fixed, so that it can
    ///     name every charge that may have reached the ledger since another count of them started.
    public func spent(
        _ queries: [SpendingQuery],
        knownBy prices: PriceBook? = nil,
        leavingOut: () -> [ChargeID] = { [] }
    ) throws(LedgerError) -> [MoneySum] {
        try read { database in
            var spending = SpendingSums(prices)
            let sums = try queries.map { try spending.sum($0, database) }
            // The transaction has read by now, which fixes the state that it sees.
            let left = try SpentEntry.of(leavingOut(), prices, database)
            return zip(queries, sums).map { query, sum in
                left.reduce(sum) { $1.counts(for: query) ? MoneySum($0.amount - Int128($1.cost)) : $0 }
            }
        }
    }
}

/// The sums for each window. They are kept because a start asks for the budgets of every team and key, and most of
/// these share their windows.
private struct SpendingSums {
    private let prices: PriceBook?
    private var sums: [WindowBounds: [SpentGroup]] = [:]

    init(_ prices: PriceBook?) { self.prices = prices }

    mutating func sum(_ query: SpendingQuery, _ database: Database) throws -> MoneySum {
        let groups = try groups(within: query.bounds, database)
        return groups.reduce(into: MoneySum()) { if $1.counts(for: query) { $0 += $1.cost } }
    }

    private mutating func groups(within bounds: WindowBounds, _ database: Database) throws -> [SpentGroup] {
        if let known = sums[bounds] { return known }
        let groups = try SpentGroup.within(bounds, prices, database)
        sums[bounds] = groups
        return groups
    }
}

/// The models of a charge: the requested one, the one that is paid for, and all names of both.
private struct SpentModels {
    private let models: [(name: String, bookNames: [String])]

    init(_ asked: String, _ paid: String, _ prices: PriceBook?) {
        let names = asked == paid ? [asked] : [asked, paid]
        models = names.map { ($0, prices?.names(of: $0) ?? []) }
    }

    func fits(_ patterns: [ModelPattern]) -> Bool {
        patterns.contains { pattern in models.contains { pattern.means($0.name, bookNames: $0.bookNames) } }
    }
}

/// What a team's key spent on a model.
private struct SpentGroup {
    var team: String
    var key: String
    /// Nil if the models are not known any more.
    var models: SpentModels?
    var cost: MoneySum

    static func within(_ bounds: WindowBounds, _ prices: PriceBook?, _ database: Database) throws -> [SpentGroup] {
        let lines = try LedgerLines(bounds, database)
        let sql = """
            \(lines.sqlOfModels)
            SELECT team, key, model, paid_model, \(LedgerLines.costSums) FROM model_lines
            GROUP BY team, key, model, paid_model
            """
        return try Row.fetchAll(database, sql: sql, arguments: lines.argumentsOfModels).map { row in
            let asked: String? = row["model"]
            return SpentGroup(
                team: row["team"],
                key: row["key"],
                models: asked.map { SpentModels($0, row["paid_model"], prices) },
                cost: LedgerLines.cost(row)
            )
        }
    }

    func counts(for query: SpendingQuery) -> Bool { query.counts(team: team, key: key, models) }
}

/// The facts of one entry that was looked up by the id of its charge.
private struct SpentEntry {
    var opening: ChargeOpening
    var models: SpentModels
    var cost: Int64

    static func of(_ charges: [ChargeID], _ prices: PriceBook?, _ database: Database) throws -> [SpentEntry] {
        guard !charges.isEmpty else { return [] }
        let sql = "SELECT * FROM entries WHERE charge_high = ? AND charge_low = ?"
        let statement = try database.cachedStatement(sql: sql)
        return try Set(charges).flatMap { charge in
            let id = [Int64(bitPattern: charge.high), Int64(bitPattern: charge.low)]
            return try Row.fetchAll(statement, arguments: StatementArguments(id)).map { row in
                let opening = ChargeOpening(row: row)
                let models = SpentModels(opening.model, row["paid_model"], prices)
                return SpentEntry(opening: opening, models: models, cost: row["cost"])
            }
        }
    }

    func counts(for query: SpendingQuery) -> Bool {
        query.bounds.contains(opening.openedAtSeconds)
            && query.counts(team: opening.team, key: opening.key, models)
    }
}

extension SpendingQuery {
    fileprivate func counts(team: String, key: String, _ spent: SpentModels?) -> Bool {
        guard isWithin(team: team, key: key) else { return false }
        guard !models.isEmpty, let spent else { return true }
        return spent.fits(models)
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
