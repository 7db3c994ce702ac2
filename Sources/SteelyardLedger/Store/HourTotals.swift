import GRDB
import SteelyardPolicy

/// What the entries of one transaction add to the hourly totals: one statement for each group, however many entries it
/// has.
struct HourTotals {
    struct Group: Hashable {
        var hour: Int64
        var team: ByteText
        var key: ByteText
        var model: ByteText
        var paidModel: ByteText
        var endpoint: ByteText
        var provider: ByteText
        var confidence: ByteText
    }

    struct Sums {
        var requests: Int64 = 0
        var entries: Int64 = 0
        var tokensIn: Int64 = 0
        var tokensCached: Int64 = 0
        var tokensOut: Int64 = 0
        var cost = MoneySum()
    }

    /// The groups in the order of their first entry: the first models of an hour get totals of their own.
    private var groups: [(group: Group, sums: Sums)] = []
    private var places: [Group: Int] = [:]

    init() {}

    /// The hour that contains an instant, given by its first second.
    static func hour(of seconds: Int64) -> Int64 { seconds - (seconds % 3600 + 3600) % 3600 }

    mutating func add(_ entry: ChargeSettlement) {
        let opening = entry.opening
        let group = Group(
            hour: Self.hour(of: opening.openedAtSeconds),
            team: ByteText(opening.team),
            key: ByteText(opening.key),
            model: ByteText(opening.model),
            paidModel: ByteText(entry.model),
            endpoint: ByteText(opening.endpoint),
            provider: ByteText(opening.provider),
            confidence: ByteText(entry.confidence.rawValue)
        )
        let place = place(of: group)
        groups[place].sums.add(entry)
    }

    private mutating func place(of group: Group) -> Int {
        if let place = places[group] { return place }
        places[group] = groups.count
        groups.append((group, Sums()))
        return groups.count - 1
    }

    func write(_ models: inout HourModels, _ database: Database) throws {
        var statement = try RowStatement(Self.sql, database)
        for (group, sums) in groups {
            Self.bind(try models.total(for: group, database), sums, &statement)
            try statement.run(database)
        }
    }

    private static func bind(_ group: Group, _ sums: Sums, _ statement: inout RowStatement) {
        statement.bind(group.hour)
        for name in group.names { statement.bind(name.text) }
        for count in [sums.requests, sums.entries, sums.tokensIn, sums.tokensCached, sums.tokensOut] {
            statement.bind(count)
        }
        let (dollars, rest) = sums.cost.amount.quotientAndRemainder(dividingBy: 1_000_000_000_000)
        statement.bind(Int64(clamping: dollars))
        statement.bind(Int64(rest))
    }

    private static let sql = """
        INSERT INTO hours VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET
            requests = requests + excluded.requests,
            entries = entries + excluded.entries,
            tokens_in = tokens_in + excluded.tokens_in,
            tokens_cached = tokens_cached + excluded.tokens_cached,
            tokens_out = tokens_out + excluded.tokens_out,
            cost_dollars = cost_dollars + excluded.cost_dollars + (cost_rest + excluded.cost_rest) / 1000000000000,
            cost_rest = (cost_rest + excluded.cost_rest) % 1000000000000
        """
}

extension HourTotals.Group {
    /// In the order of the columns.
    fileprivate var names: [ByteText] { [team, key, model, paidModel, endpoint, provider, confidence] }
}

/// The totals of an hour, computed from the ledger's own entries.
extension HourTotals {
    /// Sums one hour.
    init(ofEntriesIn hour: Int64, _ database: Database) throws {
        let rows = try Row.fetchAll(database.cachedStatement(sql: Self.sqlOfEntries), arguments: [hour, hour + 3600])
        for row in rows { groups.append((Group(hour, row), Sums(row))) }
    }

    private static let sqlOfEntries = """
        SELECT team, key, model, paid_model, endpoint, provider, confidence, SUM(part = 0) AS requests,
            COUNT(*) AS entries, SUM(tokens_in) AS tokens_in, SUM(tokens_cached) AS tokens_cached,
            SUM(tokens_out) AS tokens_out, SUM(cost / 1000000000000) AS dollars, SUM(cost % 1000000000000 / 1000000) AS micros,
            SUM(cost % 1000000) AS picos
        FROM entries WHERE opened_at >= ? AND opened_at < ?
        GROUP BY team, key, model, paid_model, endpoint, provider, confidence ORDER BY MIN(rowid)
        """
}

extension HourTotals.Group {
    fileprivate init(_ hour: Int64, _ row: Row) {
        func name(_ column: String) -> ByteText { ByteText(row[column]) }
        self.init(
            hour: hour,
            team: name("team"),
            key: name("key"),
            model: name("model"),
            paidModel: name("paid_model"),
            endpoint: name("endpoint"),
            provider: name("provider"),
            confidence: name("confidence")
        )
    }
}

extension HourTotals.Sums {
    fileprivate init(_ row: Row) {
        requests = row["requests"]
        entries = row["entries"]
        tokensIn = row["tokens_in"]
        tokensCached = row["tokens_cached"]
        tokensOut = row["tokens_out"]
        cost = LedgerLines.cost(row)
    }
    mutating func add(_ entry: ChargeSettlement) {
        // Only part 0 counts as a request: other parts belong to the same request.
        requests += entry.part == 0 ? 1 : 0
        entries += 1
        tokensIn += entry.meters.promptTokens
        tokensCached += entry.meters.cachedTokens
        tokensOut += entry.meters.outputTokens
        cost += entry.cost
    }
}
