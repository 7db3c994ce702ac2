import GRDB
import Synchronization

/// Reads a ledger, read-only: from the process that keeps it or from any other.
public final class LedgerReader: Sendable {
    /// The file.
    public let file: String
    /// Nil when it is closed: GRDB ends the process when a closed connection is used.
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

    /// Ends the connection for everybody who has the reader, when what is being read is read.
    func close() {
        database.withLock { database in
            // A failure leaves nothing to do: it only reads.
            try? database?.close()
            database = nil
        }
    }
}
