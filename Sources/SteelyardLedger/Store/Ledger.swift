import Dispatch
import Glibc
import Synchronization

/// Every charge there ever was, in an SQLite file, with the journal of those that are not in it yet.
///
/// A process that serves opens it once: that replays what an earlier process left in the journal. From then on a thread of
/// its own takes what is appended to ``journal`` into the file, in transactions of many records, and deletes the
/// segments it is through with. Nothing waits for SQLite: a charge is on record with the journal.
public final class Ledger: Sendable {
    /// Where records are written to. From any thread.
    public let journal: Journal
    let settings: LedgerSettings
    let writer: LedgerWriter
    private let reader = Mutex<LedgerReader?>(nil)

    init(_ settings: LedgerSettings, lock: LedgerLock, journal: Journal, books: LedgerBooks) {
        self.settings = settings
        self.journal = journal
        writer = LedgerWriter(settings, lock: lock, journal: journal, books: books)
    }

    /// The file.
    public var file: String { settings.file }

    /// What can be known of its state.
    public var standing: LedgerStanding { writer.standing }

    /// Does what has to be done now and then, on the ledger's own thread: tries again to write what could not be
    /// written, and drops entries that are older than what is kept. To be called about once a second.
    public func passed(nowSeconds: Int64) { writer.passed(nowSeconds: nowSeconds) }

    /// Returns when everything appended so far is in the ledger, or after some seconds; from any thread but an event
    /// loop's.
    ///
    /// - Returns: Whether all is in it.
    @discardableResult
    public func flush(withinSeconds seconds: Double) -> Bool { writer.flush(withinSeconds: seconds) }

    /// Takes everything appended so far into the ledger and ends the run, within some seconds; the journal is empty after
    /// it. What cannot be taken stays in the journal for the next start.
    ///
    /// - Returns: Whether all is in the ledger.
    @discardableResult
    public func close(withinSeconds seconds: Double) -> Bool {
        journal.recover()
        journal.close()
        // The last connection to close moves the write-ahead log into the file, and only the writer's can.
        reader.withLock { reader in
            reader?.close()
            reader = nil
        }
        return writer.close(withinSeconds: seconds)
    }

    /// Reads the file; from any thread but an event loop's, since reports can take long. What was appended within the
    /// last moments is seen after a ``flush(withinSeconds:)``.
    public func read() throws(LedgerError) -> LedgerReader {
        try reader.withLock { (reader) throws(LedgerError) in
            if let reader { return reader }
            let opened = try LedgerReader(file: settings.file)
            reader = opened
            return opened
        }
    }
}

/// What can be known of a ledger's state.
public struct LedgerStanding: Hashable, Sendable {
    /// Entries added in this run: `ai_ledger_entries_total`.
    public var entries = 0
    /// Records that are in the journal and not in the ledger: `ai_ledger_queue_length`.
    public var queueLength = 0
    /// Transactions that failed in this run: `ai_ledger_failures_total`.
    public var failures = 0
    /// Why records stay in the journal; nil while they do not.
    public var failure: LedgerError?
    /// Charges that are reserved and not settled.
    public var openCharges = 0
    /// Entries dropped in this run because of their age.
    public var prunedEntries = 0
}
