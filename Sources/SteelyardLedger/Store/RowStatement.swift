import GRDB
import GRDBSQLite

/// The one way in which names get into the ledger: as the bytes that they are, all of them. GRDB's own binding ends a text at
/// its first U+0000.
///
/// A statement that is run for every entry, bound without GRDB's arguments: these are an array of boxed values, and
/// were 40 % of what an entry costs (46,000 of 112,000 instructions, callgrind). Texts are bound when the row is complete,
/// where they lie: a copy of each, made by SQLite, was another 8,000.
struct RowStatement {
    private let statement: Statement
    private var column: CInt = 0
    /// The texts of a row, one behind the other.
    private var text: [UInt8] = []
    private var parts: [Part] = []

    /// Where a value lies in ``text``.
    private struct Part {
        var column: CInt
        var start: Int
        var count: Int
        var isText: Bool
    }

    init(_ sql: String, _ database: Database) throws { statement = try database.cachedStatement(sql: sql) }

    mutating func bind(_ value: Int64) {
        column += 1
        sqlite3_bind_int64(statement.sqliteStatement, column, value)
    }

    mutating func bind(_ text: String) {
        var text = text
        text.withUTF8 { bytes in bind(text: bytes) }
    }

    /// NULL where there is nothing.
    mutating func bind(_ value: Int64?) {
        guard let value else { return skip() }
        bind(value)
    }

    /// NULL where there is nothing.
    mutating func bind(_ text: String?) {
        guard let text else { return skip() }
        bind(text)
    }

    /// What is not bound is NULL.
    private mutating func skip() { column += 1 }

    /// Bytes as text when they are UTF-8, which every tool shows, else as a blob. So is what has a U+0000, at which most
    /// readers of text stop.
    mutating func bind(textOrBytes bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { buffer in
            if !bytes.contains(0), UTF8Check.isValid(bytes) { bind(text: buffer) } else { add(buffer, isText: false) }
        }
    }

    mutating func bind(text bytes: [UInt8]) { bytes.withUnsafeBufferPointer { bind(text: $0) } }

    private mutating func bind(text bytes: UnsafeBufferPointer<UInt8>) { add(bytes, isText: true) }

    private mutating func add(_ bytes: UnsafeBufferPointer<UInt8>, isText: Bool) {
        column += 1
        parts.append(Part(column: column, start: text.count, count: bytes.count, isText: isText))
        text.append(contentsOf: bytes)
    }

    /// Runs the statement, which returns no rows; a value that could not be bound makes it fail as a missing one.
    mutating func run(_ database: Database) throws {
        let code = text.withUnsafeBytes { text in
            for part in parts { bind(part, of: text) }
            return sqlite3_step(statement.sqliteStatement)
        }
        let message = code == SQLITE_DONE ? nil : String(cString: sqlite3_errmsg(database.sqliteConnection))
        clear()
        guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message) }
    }

    /// Makes ready for the next row.
    private mutating func clear() {
        sqlite3_reset(statement.sqliteStatement)
        sqlite3_clear_bindings(statement.sqliteStatement)
        column = 0
        text.removeAll(keepingCapacity: true)
        parts.removeAll(keepingCapacity: true)
    }

    /// Without a destructor SQLite takes the bytes for static and does not copy them (`SQLITE_STATIC`): they have to stay
    /// where they are until the statement has run.
    private func bind(_ part: Part, of text: UnsafeRawBufferPointer) {
        // An empty array has an address as well; NULL would be a value of its own.
        let start = text.baseAddress.map { $0 + part.start }
        if part.isText {
            let characters = start?.assumingMemoryBound(to: CChar.self)
            sqlite3_bind_text(statement.sqliteStatement, part.column, characters, CInt(part.count), nil)
        } else {
            sqlite3_bind_blob(statement.sqliteStatement, part.column, start, CInt(part.count), nil)
        }
    }
}

/// Whether bytes are text.
private enum UTF8Check {
    static func isValid(_ bytes: [UInt8]) -> Bool {
        // Without a branch per byte, so that it is done 16 at a time.
        if bytes.reduce(0, |) < 128 { return true }
        return String(validating: bytes, as: UTF8.self) != nil
    }
}
