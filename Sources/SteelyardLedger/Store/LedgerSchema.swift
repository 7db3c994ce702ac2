import GRDB

/// The tables. Amounts are picodollars, instants seconds since 1970, names as configured.
///
/// `entries` is only ever added to, until its rows are older than what is kept. `hours` has the same money by hours of
/// reservation and changes in the same transaction, with names of models up to a bound (``HourModels``); a sum of many
/// charges can outgrow 64 bits, so it is kept as whole dollars and a rest below one. `open_charges` has what was reserved
/// and is not settled, as far as the journal no longer says so.
enum LedgerSchema {
    /// `PRAGMA application_id`: "STYL".
    static let application = 0x5354_594C
    /// `PRAGMA user_version`.
    ///
    /// Version 2 has the same tables; names in them are as ``ModelNameRule`` takes them, and the journal is marked
    /// (``JournalMark``), which version 1 would not do.
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

/// Single numbers that the ledger keeps about itself.
enum LedgerFact: String {
    /// Segments of the journal below this number are all in the ledger.
    case journalFloor = "journal_floor"
    /// Entries opened before this instant may be gone; their hours are not.
    case prunedBefore = "pruned_before"
    /// When the latest run began.
    case runBegan = "run_began"
    /// ``JournalMark``.
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
