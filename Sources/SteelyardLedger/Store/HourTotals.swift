import GRDB
import SteelyardPolicy

/// What the entries of one transaction add to the hours: one statement a group, however many entries it has.
struct HourTotals {
    struct Group: Hashable {
        var hour: Int64
        var team: String
        var key: String
        var model: String
        var paidModel: String
        var endpoint: String
        var provider: String
        var confidence: Confidence
    }

    struct Sums {
        var requests: Int64 = 0
        var entries: Int64 = 0
        var tokensIn: Int64 = 0
        var tokensCached: Int64 = 0
        var tokensOut: Int64 = 0
        var cost = MoneySum()
    }

    private var sums: [Group: Sums] = [:]

    /// The hour that an instant lies in, by its first second.
    static func hour(of seconds: Int64) -> Int64 { seconds - (seconds % 3600 + 3600) % 3600 }

    mutating func add(_ entry: ChargeSettlement) {
        let opening = entry.opening
        let group = Group(
            hour: Self.hour(of: opening.openedAtSeconds),
            team: opening.team,
            key: opening.key,
            model: opening.model,
            paidModel: entry.model,
            endpoint: opening.endpoint,
            provider: opening.provider,
            confidence: entry.confidence
        )
        sums[group, default: Sums()].add(entry)
    }

    func write(_ models: inout HourModels, _ database: Database) throws {
        let statement = try database.cachedStatement(sql: Self.sql)
        for (group, sums) in sums {
            let total = try models.total(for: group, database)
            try statement.execute(arguments: Self.arguments(total, sums))
        }
    }

    private static func arguments(_ group: Group, _ sums: Sums) -> StatementArguments {
        let (dollars, rest) = sums.cost.amount.quotientAndRemainder(dividingBy: 1_000_000_000_000)
        return [
            group.hour, group.team, group.key, group.model, group.paidModel, group.endpoint, group.provider,
            group.confidence.rawValue, sums.requests, sums.entries, sums.tokensIn, sums.tokensCached, sums.tokensOut,
            Int64(clamping: dollars), Int64(rest),
        ]
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

extension HourTotals.Sums {
    mutating func add(_ entry: ChargeSettlement) {
        // Parts beyond the first belong to a request that is counted already.
        requests += entry.part == 0 ? 1 : 0
        entries += 1
        tokensIn += entry.meters.promptTokens
        tokensCached += entry.meters.cachedTokens
        tokensOut += entry.meters.outputTokens
        cost += entry.cost
    }
}
