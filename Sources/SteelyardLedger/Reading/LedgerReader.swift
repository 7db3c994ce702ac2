import GRDB
import Synchronization

/// Reads a ledger, read-only, from the process that uses it or from any other.
public final class LedgerReader: Sendable {
    /// The file.
    public let file: String
    /// Nil after closing: GRDB ends the process if a closed connection is used.
    private let database: Mutex<LedgerDatabase?>

    /// Opens a ledger to read.
    public init(file: String) throws(LedgerError) {
        self.file = file
        database = Mutex(try LedgerDatabase.reading(from: file))
    }

    /// Reads one state of the ledger.
    func read<Result: Sendable>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        try database.withLock { (database) throws(LedgerError) in
            guard let database else { throw .refused(path: file, reason: "it is closed") }
            return try database.read(body)
        }
    }

    /// Closes the connection for all users of the reader, after current reads have finished.
    func close() {
        database.withLock { database in
            // A failure needs no action: the connection only reads.
            try? database?.close()
            database = nil
        }
    }
}
