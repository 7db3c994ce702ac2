import GRDB

/// The tables. Amounts are in picodollars, instants in seconds since 1970, and names are as configured.
///
/// Rows are only added to `entries`, until they are older than what is kept. `hours` has the same money by the hour of
/// the reservation, and changes in the same transaction; its number of model names is limited (``HourModels``). The sum
/// of many charges can exceed 64 bits, so it is stored as whole dollars and a rest below one dollar. `open_charges` has
/// what is reserved and not settled, as far as the journal does not have it any more.
enum LedgerSchema {
    /// `PRAGMA application_id`: "STYL".
    static let application = 0x5354_594C
    /// `PRAGMA user_version`.
    ///
    /// Version 2 has the same tables. But the names in them follow ``ModelNameRule``, and the journal is marked
    /// (``JournalMark``), which version 1 does not do.
    static let version = 2

    static let sql = """
        CREATE TABLE facts (
            name TEXT PRIMARY KEY NOT NULL,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE entries (
            charge_high INTEGER NOT NULL,
            charge_low INTEGER NOT NULL,
            part INTEGER NOT NULL,
            opened_at INTEGER NOT NULL,
            settled_at INTEGER NOT NULL,
            team TEXT NOT NULL,
            key TEXT NOT NULL,
            model TEXT NOT NULL,
            paid_model TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            provider TEXT NOT NULL,
            tier TEXT NOT NULL,
            price_book TEXT NOT NULL,
            hold INTEGER NOT NULL,
            cost INTEGER NOT NULL,
            confidence TEXT NOT NULL,
            reason TEXT NOT NULL,
            tokens_in INTEGER NOT NULL,
            tokens_cached INTEGER NOT NULL,
            tokens_out INTEGER NOT NULL,
            meters TEXT NOT NULL,
            usage ANY NOT NULL,
            UNIQUE (charge_high, charge_low, part)
        ) STRICT;
        CREATE INDEX entries_opened_at ON entries (opened_at);

        CREATE TABLE hours (
            hour INTEGER NOT NULL,
            team TEXT NOT NULL,
            key TEXT NOT NULL,
            model TEXT NOT NULL,
            paid_model TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            provider TEXT NOT NULL,
            confidence TEXT NOT NULL,
            requests INTEGER NOT NULL,
            entries INTEGER NOT NULL,
            tokens_in INTEGER NOT NULL,
            tokens_cached INTEGER NOT NULL,
            tokens_out INTEGER NOT NULL,
            cost_dollars INTEGER NOT NULL,
            cost_rest INTEGER NOT NULL,
            PRIMARY KEY (hour, team, key, model, paid_model, endpoint, provider, confidence)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE open_charges (
            charge_high INTEGER NOT NULL,
            charge_low INTEGER NOT NULL,
            opened_at INTEGER NOT NULL,
            team TEXT NOT NULL,
            key TEXT NOT NULL,
            model TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            provider TEXT NOT NULL,
            hold INTEGER NOT NULL,
            job TEXT,
            text_bytes INTEGER,
            counted_tokens INTEGER,
            output_limit INTEGER,
            writes_cache_long INTEGER,
            PRIMARY KEY (charge_high, charge_low)
        ) STRICT, WITHOUT ROWID;

        PRAGMA application_id = \(application);
        PRAGMA user_version = \(version);
        """
}

/// Single numbers that the ledger stores about itself.
enum LedgerFact: String {
    /// Segments of the journal below this number are all in the ledger.
    case journalFloor = "journal_floor"
    /// Entries opened before this instant may be deleted; their hours are not.
    case prunedBefore = "pruned_before"
    /// When the latest run began.
    case runBegan = "run_began"
    /// The parts of a ``JournalMark``.
    case journalSegment = "journal_segment"
    case journalRunHigh = "journal_run_high"
    case journalRunLow = "journal_run_low"

    func read(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT value FROM facts WHERE name = ?"),
            arguments: [rawValue]
        )
            ?? 0
    }

    func write(_ value: Int64, _ database: Database) throws {
        let sql = "INSERT INTO facts VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
        try database.cachedStatement(sql: sql).execute(arguments: [rawValue, value])
    }
}
