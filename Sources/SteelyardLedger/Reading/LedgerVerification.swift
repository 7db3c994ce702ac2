import GRDB
import Glibc

/// A property of a ledger that can be checked afterwards.
public enum LedgerCheck: String, Hashable, Sendable, CaseIterable {
    /// SQLite finds no damage in its file.
    case integrity
    /// No part of a charge is entered twice.
    case unique
    /// The hourly totals are the sums of the entries.
    case totals
    /// No charge has been open since before the latest start, except those that a later answer settles.
    case openCharges = "open charges"
    /// Every record of the journal can be read.
    case journal
}

/// A check that failed.
public struct LedgerFinding: Hashable, Sendable {
    /// Which check.
    public var check: LedgerCheck
    /// What is wrong, for a person.
    public var detail: String
}

extension LedgerReader {
    /// Checks the whole ledger. While a server uses the ledger, this checks one moment of it.
    ///
    /// - Parameter progress: Called before each check.
    /// - Returns: Every problem found.
    public func verify(progress: (LedgerCheck) -> Void = { _ in }) throws(LedgerError) -> [LedgerFinding] {
        var findings: [LedgerFinding] = []
        for check in LedgerCheck.allCases {
            progress(check)
            findings += try details(check).map { LedgerFinding(check: check, detail: $0) }
        }
        return findings
    }

    private func details(_ check: LedgerCheck) throws(LedgerError) -> [String] {
        switch check {
        case .integrity: try read(LedgerChecks.integrity)
        case .unique: try read(LedgerChecks.unique)
        case .totals: try read(LedgerChecks.totals)
        case .openCharges: try read(LedgerChecks.openCharges)
        case .journal: try journalDetails()
        }
    }

    private func journalDetails() throws(LedgerError) -> [String] {
        let folder = SegmentFolder(path: LedgerSettings(file: file).journalFolder)
        var details = try markDetails(folder)
        for number in try folder.numbers() {
            // The server may have moved a segment into the ledger and deleted it meanwhile.
            guard access(folder.file(number), F_OK) == 0 else { continue }
            details += Self.problem(of: try folder.bytes(number)).map { ["\(folder.file(number)): \($0)"] } ?? []
        }
        return details
    }

    /// What is missing from the journal although the ledger knows of it, and what does not belong to it. While a server
    /// runs, segments come and go, so this is not checked then.
    private func markDetails(_ folder: SegmentFolder) throws(LedgerError) -> [String] {
        guard !LedgerLock.isHeld(LedgerSettings(file: file)) else { return [] }
        let numbers = try folder.numbers()
        let (floor, mark) = try read { database in
            (Int(try LedgerFact.journalFloor.read(database)), try JournalMark.read(database))
        }
        return mark?.problems(in: folder, from: floor, numbers, ledger: file).map(\.description) ?? []
    }

    /// What is wrong with a segment. An incomplete last record is not an error: a crash, or a server that is writing,
    /// leaves one.
    private static func problem(of bytes: [UInt8]) -> String? {
        switch SegmentHeader.read(bytes) {
        case .damaged: return "no header"
        case .newer: return "written by a later version"
        case .incomplete: return nil
        case .header: break
        }
        var reader = SegmentReader(bytes)
        while reader.ending == nil { _ = reader.next() }
        switch reader.ending {
        case .damaged(let offset, _): return "damaged at byte \(offset)"
        case .newer(let offset, _): return "a record of a later version at byte \(offset)"
        case .whole, .torn, nil: return nil
        }
    }
}

/// The checks that are queries.
enum LedgerChecks {
    static func integrity(_ database: Database) throws -> [String] {
        try String.fetchAll(database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
    }

    /// Reads all rows without the index that should have prevented duplicates, since that index may be wrong.
    static func unique(_ database: Database) throws -> [String] {
        let sql = """
            SELECT printf('%016x%016x part %d is entered %d times', charge_high, charge_low, part, COUNT(*))
            FROM entries NOT INDEXED GROUP BY charge_high, charge_low, part HAVING COUNT(*) > 1 LIMIT 20
            """
        return try String.fetchAll(database, sql: sql)
    }

    /// If entries were deleted, only the hourly totals are left, and there is nothing to compare them with.
    static func totals(_ database: Database) throws -> [String] {
        let sql = """
            SELECT strftime('%Y-%m-%dT%H:00Z', hour, 'unixepoch') || ' of team ' || team || ', model ' || model || ': '
                || SUM(entries) || ' entries and ' || (SUM(dollars) * 1000000000000 + SUM(rest))
                || ' picodollars more than the total'
            \(differences)
            LIMIT 20
            """
        return try String.fetchAll(database, sql: sql, arguments: ["pruned": LedgerFact.prunedBefore.read(database)])
    }

    /// The hours that are not the sums of their entries.
    static func differingHours(_ database: Database) throws -> [Int64] {
        let pruned = try LedgerFact.prunedBefore.read(database)
        let sql = "SELECT DISTINCT hour FROM (SELECT hour \(differences)) ORDER BY hour"
        return try Int64.fetchAll(database, sql: sql, arguments: ["pruned": pruned])
    }

    /// The SQL after `SELECT …` that finds the groups whose entries and hours differ.
    private static var differences: String {
        let names = "team, key, model, paid_model, endpoint, provider, confidence"
        let isFolded = HourModels.isFolded("entries", hour: "opened_at / 3600 * 3600")
        func total(_ name: String) -> String { "CASE WHEN \(isFolded) THEN '\(HourModels.other)' ELSE \(name) END" }
        return """
            FROM (
                SELECT opened_at / 3600 * 3600 AS hour, team, key, \(total("model")) AS model,
                    \(total("paid_model")) AS paid_model, endpoint, provider, confidence, part = 0 AS requests,
                    1 AS entries, tokens_in, tokens_cached, tokens_out, cost / 1000000000000 AS dollars,
                    cost % 1000000000000 AS rest
                FROM entries WHERE opened_at >= :pruned
                UNION ALL
                SELECT hour, \(names), -requests, -entries, -tokens_in, -tokens_cached, -tokens_out, -cost_dollars,
                    -cost_rest
                FROM hours WHERE hour >= :pruned
            )
            GROUP BY hour, \(names)
            HAVING SUM(requests) <> 0 OR SUM(entries) <> 0 OR SUM(tokens_in) <> 0 OR SUM(tokens_cached) <> 0
                OR SUM(tokens_out) <> 0 OR SUM(dollars) * 1000000000000 + SUM(rest) <> 0
            """
    }

    static func openCharges(_ database: Database) throws -> [String] {
        let began = try LedgerFact.runBegan.read(database)
        let sql = """
            SELECT printf('%016x%016x of team ', charge_high, charge_low) || team || ' is open since '
                || datetime(opened_at, 'unixepoch')
            FROM open_charges WHERE job IS NULL AND opened_at < ? LIMIT 20
            """
        return try String.fetchAll(database, sql: sql, arguments: [began])
    }
}
