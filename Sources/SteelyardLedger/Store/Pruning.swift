import GRDB

/// Deletes entries that are older than what is kept, in transactions small enough to leave room for others in between.
struct Pruning {
    private static let chunkRows = 2000
    /// If the wall clock is this far ahead of the latest entry, it is not trusted: it would delete everything.
    private static let believableSeconds: Int64 = 31 * 86_400

    let keepSeconds: Int64
    private var doneBefore: Int64 = .min

    init(keepSeconds: Int64) { self.keepSeconds = keepSeconds }

    /// Deletes some of the entries that are too old. The next call continues.
    ///
    /// - Returns: The number of deleted entries.
    mutating func passed(nowSeconds: Int64, _ database: LedgerDatabase) throws(LedgerError) -> Int {
        let boundary = HourTotals.hour(of: nowSeconds - keepSeconds)
        guard boundary > doneBefore else { return 0 }
        let pruned = try database.write { database in try Self.prune(nowSeconds, before: boundary, database) }
        if pruned < Self.chunkRows { doneBefore = boundary }
        return pruned
    }

    private static func prune(_ nowSeconds: Int64, before boundary: Int64, _ database: Database) throws -> Int {
        let latest = try Int64.fetchOne(database, sql: "SELECT MAX(opened_at) FROM entries")
        guard let latest, nowSeconds - latest < believableSeconds else { return 0 }
        let before = try LedgerFact.prunedBefore.read(database)
        try LedgerFact.prunedBefore.write(max(before, boundary), database)
        let sql = """
            DELETE FROM entries WHERE rowid IN
            (SELECT rowid FROM entries WHERE opened_at < ? ORDER BY opened_at LIMIT \(chunkRows))
            """
        try database.cachedStatement(sql: sql).execute(arguments: [boundary])
        return database.changesCount
    }
}
