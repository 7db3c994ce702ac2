import GRDB
import SteelyardPolicy

/// The table of open charges: reserved, but not settled yet.
enum OpenChargeTable {
    static func all(_ database: Database) throws -> [OpenCharge] {
        try Row.fetchAll(database, sql: "SELECT *, hex(job) AS job_hex FROM open_charges").map(openCharge)
    }

    /// Adds a charge, or replaces its row.
    static func put(_ charge: OpenCharge, _ database: Database) throws {
        let opening = charge.opening
        let sql = "INSERT OR REPLACE INTO open_charges VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        var statement = try RowStatement(sql, database)
        statement.bind(Int64(bitPattern: opening.charge.high))
        statement.bind(Int64(bitPattern: opening.charge.low))
        statement.bind(opening.openedAtSeconds)
        for name in [opening.team, opening.key, opening.model, opening.endpoint, opening.provider] {
            statement.bind(name)
        }
        statement.bind(opening.hold.amount)
        bind(charge.deferral, &statement)
        try statement.run(database)
    }

    private static func bind(_ deferral: ChargeDeferral?, _ statement: inout RowStatement) {
        statement.bind(deferral?.jobID)
        statement.bind(deferral?.work.textBytes)
        statement.bind(deferral?.work.countedTokens)
        statement.bind(deferral?.work.outputLimit)
        statement.bind(deferral.map { $0.work.writesCacheLong ? 1 : 0 })
    }

    static func delete(_ charge: ChargeID, _ database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM open_charges WHERE charge_high = ? AND charge_low = ?")
            .execute(arguments: [Int64(bitPattern: charge.high), Int64(bitPattern: charge.low)])
    }

    private static func openCharge(_ row: Row) -> OpenCharge {
        let opening = ChargeOpening(row: row)
        return OpenCharge(opening: opening, deferral: deferral(row, opening), hasRow: true, isOutdated: false)
    }

    private static func deferral(_ row: Row, _ opening: ChargeOpening) -> ChargeDeferral? {
        guard (row["job"] as String?) != nil else { return nil }
        let work = RequestedWork(
            textBytes: row["text_bytes"],
            countedTokens: row["counted_tokens"] ?? 0,
            outputLimit: row["output_limit"],
            writesCacheLong: row["writes_cache_long"] ?? false
        )
        return ChargeDeferral(opening: opening, jobID: HexText.text(row["job_hex"]), work: work)
    }
}
