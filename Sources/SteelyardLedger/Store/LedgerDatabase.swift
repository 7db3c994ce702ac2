import GRDB
import Glibc

/// A connection to a ledger: the only one that writes, or one of those that only read.
///
/// SQLite up to 3.51.2 can lose commits if two connections write or checkpoint at the same moment
/// (https://sqlite.org/wal.html#walresetbug). Here a single connection does both, and the lock file keeps other
/// processes from doing so. Readers open the file read-only, and in that mode SQLite never checkpoints.
struct LedgerDatabase: Sendable {
    let path: String
    private let queue: DatabaseQueue

    /// Opens an existing ledger to write. A ledger with a damaged page is refused before anything is written or summed.
    static func writing(to path: String, _ lock: LedgerLock) throws(LedgerError) -> LedgerDatabase {
        try checkFile(path)
        try lock.checkIsStillThere(path)
        try checkHeader(path, lock)
        let database = try LedgerDatabase(opening: path, path: path, configuration(isReader: false))
        try database.checkSchema()
        try database.checkPages()
        return database
    }

    /// Opens an existing ledger to read.
    static func reading(from path: String) throws(LedgerError) -> LedgerDatabase {
        try checkFile(path)
        // If the folder is not writable and nobody writes the ledger, SQLite cannot create the index that readers of a
        // write-ahead log share.
        let isAtRest = access("\(path)-wal", F_OK) != 0 && access(folder(of: path), W_OK) != 0
        let name = isAtRest ? "file:\(path)?immutable=1" : path
        let database = try LedgerDatabase(opening: name, path: path, configuration(isReader: true))
        try database.checkSchema()
        return database
    }

    /// Creates a new ledger under a temporary name, so that after a crash there is either none or a complete one.
    static func create(at path: String) throws(LedgerError) {
        let draft = "\(path).new"
        for name in [draft, "\(draft)-wal", "\(draft)-shm"] { unlink(name) }
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .notWritable(path: path, reason: String(cString: strerror(errno))) }
        Glibc.close(descriptor)
        let database = try LedgerDatabase(opening: draft, path: path, configuration(isReader: false))
        try database.write { try $0.execute(sql: LedgerSchema.sql) }
        try database.close()
        guard rename(draft, path) == 0 else {
            throw .notWritable(path: path, reason: String(cString: strerror(errno)))
        }
        // If syncing the folder fails, at worst the name of an empty ledger is lost, and the next start reports that.
        _ = try? SegmentFile.syncFolder(folder(of: path))
    }

    /// Runs a transaction.
    func write<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        do { return try queue.write(body) } catch { throw LedgerError(error, path: path) }
    }

    /// Reads one state of the ledger.
    func read<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        do { return try queue.read(body) } catch { throw LedgerError(error, path: path) }
    }

    /// Moves what was written from the log into the file itself, as far as readers allow.
    func checkpoint() throws(LedgerError) {
        do { _ = try queue.writeWithoutTransaction { try $0.checkpoint(.passive) } } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// Closes the connection. When the last writing connection closes, SQLite moves the log into the file.
    func close() throws(LedgerError) {
        do { try queue.close() } catch { throw LedgerError(error, path: path) }
    }

    /// The folder that contains a file.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private init(opening name: String, path: String, _ configuration: Configuration) throws(LedgerError) {
        self.path = path
        do { queue = try DatabaseQueue(path: name, configuration: configuration) } catch {
            throw LedgerError(error, path: path)
        }
    }

    private static func configuration(isReader: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = isReader
        configuration.busyMode = .timeout(5)
        configuration.label = "steelyard.ledger"
        configuration.prepareDatabase { database in
            try database.execute(sql: commonPragmas)
            if !isReader { try database.execute(sql: writerPragmas) }
        }
        return configuration
    }

    /// A file that somebody manipulated must not run code, and a wrong page must be found when it is read.
    private static let commonPragmas = """
        PRAGMA trusted_schema = OFF;
        PRAGMA cell_size_check = ON;
        PRAGMA mmap_size = 0;
        """

    /// With `FULL` a commit is on the disk when it returns. This is necessary because segments of the journal are
    /// deleted afterwards.
    private static let writerPragmas = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 1000;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA cache_size = -16384;
        """

    /// Throws if there is nothing at the path, or something else than a file with content.
    static func checkFile(_ path: String) throws(LedgerError) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw .missing(path: path) }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        // SQLite would take an empty file for a new database.
        guard facts.st_size > 0 else { throw .empty(path: path) }
    }

    /// Checks the file's own header (https://sqlite.org/fileformat.html#the_database_header) before SQLite opens it: a
    /// writer's pragmas change the file, and it may belong to another program.
    private static func checkHeader(_ path: String, _ lock: LedgerLock) throws(LedgerError) {
        let header = lock.head(bytes: 100)
        guard header.count == 100, header.starts(with: "SQLite format 3\0".utf8),
            header[68..<72].reduce(0, { $0 << 8 | Int($1) }) == LedgerSchema.application
        else { throw .notALedger(path: path) }
    }

    private func checkPages() throws(LedgerError) {
        let finding = try read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        guard finding == "ok" else { throw .damaged(path: path, reason: finding ?? "quick_check says nothing") }
    }

    private func checkSchema() throws(LedgerError) {
        let (application, version) = try read { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
                try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            )
        }
        guard application == LedgerSchema.application else { throw .notALedger(path: path) }
        guard version <= LedgerSchema.version else { throw .newer(path: path, version: version) }
    }
}
