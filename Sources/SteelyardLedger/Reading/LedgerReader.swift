import Synchronization

/// Reads a ledger, read-only: from the process that keeps it or from any other.
public final class LedgerReader: Sendable {
    /// The file.
    public let file: String
    let database: LedgerDatabase
    let spending = Mutex(SpendingSums())

    /// Opens a ledger to read.
    public init(file: String) throws(LedgerError) {
        self.file = file
        database = try LedgerDatabase.reading(from: file)
    }
}
