import GRDB
public import SteelyardPolicy

extension LedgerReader {
    /// The latest entries, newest first.
    ///
    /// - Parameters:
    ///   - limit: The most entries to return.
    ///   - team: Entries of one team; nil means all teams.
    public func recent(limit: Int, team: String? = nil) throws(LedgerError) -> [ChargeSettlement] {
        let filter = team == nil ? "" : "WHERE team = :team"
        let sql = "SELECT * FROM entries \(filter) ORDER BY opened_at DESC, rowid DESC LIMIT :limit"
        return try read { database in
            let arguments: StatementArguments = team.map { ["team": $0, "limit": limit] } ?? ["limit": limit]
            return try Row.fetchAll(database, sql: sql, arguments: arguments).map(ChargeSettlement.init(row:))
        }
    }
}

extension ChargeSettlement {
    /// Reads a row of `entries`. Words of a later version are read as the closest word of this one.
    fileprivate init(row: Row) {
        let usage: DatabaseValue = row["usage"]
        self.init(
            opening: ChargeOpening(row: row),
            part: row["part"],
            model: row["paid_model"],
            cost: Picodollars(row["cost"]),
            confidence: Confidence(rawValue: row["confidence"]) ?? .unmetered,
            reason: row["reason"],
            tier: ServiceTier(rawValue: row["tier"]) ?? .standard,
            priceBook: row["price_book"],
            meters: MeterText.meters(row["meters"]) ?? Meters(),
            usage: Array(String.fromDatabaseValue(usage)?.utf8 ?? "".utf8),
            settledAtSeconds: row["settled_at"]
        )
    }
}

extension ChargeOpening {
    /// Reads the columns that `entries` and `open_charges` share.
    init(row: Row) {
        let (high, low): (Int64, Int64) = (row["charge_high"], row["charge_low"])
        self.init(
            charge: ChargeID(high: UInt64(bitPattern: high), low: UInt64(bitPattern: low)),
            team: row["team"],
            key: row["key"],
            model: row["model"],
            endpoint: row["endpoint"],
            provider: row["provider"],
            hold: Picodollars(row["hold"]),
            openedAtSeconds: row["opened_at"]
        )
    }
}
