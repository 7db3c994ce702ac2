import Dispatch
import Glibc
import Synchronization

/// All charges, in an SQLite file, together with the journal of those that are not in the file yet.
///
/// A serving process opens the ledger once. Opening replays what an earlier process left in the journal. From then on a
/// separate thread moves what is appended to ``journal`` into the file, in transactions of many records, and deletes
/// the segments that it has finished. Nothing waits for SQLite: a charge is recorded as soon as it is in the journal.
public final class Ledger: Sendable {
    /// Takes new records, from any thread.
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

    /// The state of the ledger, for metrics and checks.
    public var standing: LedgerStanding { writer.standing }

    /// Does regular work on the ledger's own thread: tries again to write what could not be written, and deletes
    /// entries that are older than what is kept. Call it about once a second.
    public func passed(nowSeconds: Int64) { writer.passed(nowSeconds: nowSeconds) }

    /// Returns when everything appended so far is in the ledger, or when the time is over. Do not call it from an event
    /// loop.
    ///
    /// - Returns: Whether everything is in the ledger.
    @discardableResult
    public func flush(withinSeconds seconds: Double) -> Bool { writer.flush(withinSeconds: seconds) }

    /// Enters everything appended so far into the ledger and ends the run, within some seconds. After that the journal
    /// is empty. What cannot be entered stays in the journal for the next start.
    ///
    /// - Returns: Whether everything is in the ledger.
    @discardableResult
    public func close(withinSeconds seconds: Double) -> Bool {
        journal.recover()
        journal.close()
        // The last connection that closes moves the write-ahead log into the file. Only the writer's connection can do
        // that, so the reader's closes first.
        reader.withLock { reader in
            reader?.close()
            reader = nil
        }
        return writer.close(withinSeconds: seconds)
    }

    /// Opens a reader of the file. Do not use it from an event loop, since reports can take long. To see what was
    /// appended in the last moments, call ``flush(withinSeconds:)`` first.
    public func read() throws(LedgerError) -> LedgerReader {
        try reader.withLock { (reader) throws(LedgerError) in
            if let reader { return reader }
            let opened = try LedgerReader(file: settings.file)
            reader = opened
            return opened
        }
    }
}

/// The state of a ledger, for metrics and checks.
public struct LedgerStanding: Hashable, Sendable {
    /// Entries added in this run: `ai_ledger_entries_total`.
    public var entries = 0
    /// Records that are in the journal but not in the ledger yet: `ai_ledger_queue_length`.
    public var queueLength = 0
    /// Transactions that failed in this run: `ai_ledger_failures_total`.
    public var failures = 0
    /// Why records stay in the journal; nil if there is no failure.
    public var failure: LedgerError?
    /// Charges that are reserved but not settled.
    public var openCharges = 0
    /// Entries that were deleted in this run because of their age.
    public var prunedEntries = 0
}
