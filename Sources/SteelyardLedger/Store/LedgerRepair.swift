import GRDB
import SteelyardPolicy

/// Repairs what earlier versions wrote.
///
/// Earlier versions bound names in two ways, one of which cut them at U+0000, and they treated two spellings of a
/// letter as one. As a result, an entry and its hour could name two different models, and a budget for either model
/// counted one of them, both or none. Here each text that cannot be a name becomes ``ModelNameRule/other``, as in
/// everything written since, and the hours are summed again from their entries.
enum LedgerRepair {
    /// Upgrades a ledger to this version's schema. Does nothing if it has that schema already.
    ///
    /// - Returns: the number of hours that were summed again.
    static func upgrade(_ ledger: LedgerDatabase) throws(LedgerError) -> Int {
        try ledger.write { database in
            guard try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0 < LedgerSchema.version else { return 0 }
            let hours = try renameImpossible(database)
            try sumAnew(hours, database)
            try database.execute(sql: "PRAGMA user_version = \(LedgerSchema.version)")
            return hours.count
        }
    }

    /// Sums every hour again that differs from its entries, whatever the reason.
    ///
    /// - Returns: the number of these hours.
    static func sumDifferent(_ ledger: LedgerDatabase) throws(LedgerError) -> Int {
        try ledger.write { database in
            let hours = try LedgerChecks.differingHours(database)
            try sumAnew(hours, database)
            return hours.count
        }
    }

    // MARK: Names

    /// Names with anything except plain ASCII, and names that are too long or empty. They are few, and no others can be
    /// invalid. What follows U+0000 is only visible as bytes.
    private static func isSuspect(_ column: String) -> String {
        """
        \(column) GLOB '*[^ -~]*' OR instr(CAST(\(column) AS BLOB), x'00') > 0
            OR length(CAST(\(column) AS BLOB)) NOT BETWEEN 1 AND \(ModelNameRule.longestBytes)
        """
    }

    /// - Returns: the hours with entries that have such names, as far as no entries of the hour were deleted.
    private static func renameImpossible(_ database: Database) throws -> [Int64] {
        let suspects = try Row.fetchAll(
            database,
            sql: """
                SELECT rowid, opened_at, hex(model) AS model, hex(paid_model) AS paid_model FROM entries
                WHERE \(isSuspect("model")) OR \(isSuspect("paid_model"))
                """
        )
        for row in suspects {
            for column in ["model", "paid_model"] { try rename(column, of: row, database) }
        }
        let open = "UPDATE open_charges SET model = '\(ModelNameRule.other)' WHERE \(isSuspect("model"))"
        try database.execute(sql: open)
        let pruned = try LedgerFact.prunedBefore.read(database)
        return Set(suspects.map { HourTotals.hour(of: $0["opened_at"]) }).filter { $0 >= pruned }.sorted()
    }

    private static func rename(_ column: String, of row: Row, _ database: Database) throws {
        let name = HexText.text(row[column])
        guard ModelNameRule.accepted(name) != name else { return }
        let sql = "UPDATE entries SET \(column) = '\(ModelNameRule.other)' WHERE rowid = ?"
        try database.cachedStatement(sql: sql).execute(arguments: [row["rowid"] as Int64])
    }

    // MARK: Hours

    private static func sumAnew(_ hours: [Int64], _ database: Database) throws {
        var models = HourModels()
        for hour in hours {
            try database.cachedStatement(sql: "DELETE FROM hours WHERE hour = ?").execute(arguments: [hour])
            try HourTotals(ofEntriesIn: hour, database).write(&models, database)
        }
    }
}

/// Text as hexadecimal digits, because the library reads a text only up to its first U+0000.
enum HexText {
    /// The text for digits that SQLite's `hex()` wrote.
    static func text(_ digits: String) -> String {
        let values = digits.utf8.map { $0 < 0x41 ? $0 &- 0x30 : $0 &- 0x41 &+ 10 }
        let bytes = stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
