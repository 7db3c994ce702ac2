import GRDB
import GRDBSQLite

/// The only way for names to get into the ledger: all of their bytes, unchanged. GRDB's own binding ends a text at its
/// first U+0000.
///
/// It runs a statement for every entry without GRDB's arguments. Those are an array of boxed values, and took 40 % of
/// the work for an entry (46,000 of 112,000 instructions, callgrind). Texts are bound when the row is complete,
/// directly from ``text``: letting SQLite copy each one took another 8,000.
struct RowStatement {
    private let statement: Statement
    private var column: CInt = 0
    /// The texts of a row, one after another.
    private var text: [UInt8] = []
    private var parts: [Part] = []

    /// The place of a value in ``text``.
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

    /// Binds a number; nil becomes NULL.
    mutating func bind(_ value: Int64?) {
        guard let value else { return skip() }
        bind(value)
    }

    /// Binds a text; nil becomes NULL.
    mutating func bind(_ text: String?) {
        guard let text else { return skip() }
        bind(text)
    }

    /// A column that is not bound is NULL.
    private mutating func skip() { column += 1 }

    /// Binds bytes as text if they are UTF-8, since every tool shows text, and otherwise as a blob. Bytes with a U+0000
    /// also become a blob, because most readers of text stop there.
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

    /// Runs the statement, which returns no rows. If a value could not be bound, it fails as if the value were missing.
    mutating func run(_ database: Database) throws {
        let code = text.withUnsafeBytes { text in
            for part in parts { bind(part, of: text) }
            return sqlite3_step(statement.sqliteStatement)
        }
        let message = code == SQLITE_DONE ? nil : String(cString: sqlite3_errmsg(database.sqliteConnection))
        clear()
        guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message) }
    }

    /// Prepares for the next row.
    private mutating func clear() {
        sqlite3_reset(statement.sqliteStatement)
        sqlite3_clear_bindings(statement.sqliteStatement)
        column = 0
        text.removeAll(keepingCapacity: true)
        parts.removeAll(keepingCapacity: true)
    }

    /// Binds without a destructor (`SQLITE_STATIC`): SQLite assumes that the bytes stay where they are and does not
    /// copy them. So they must not move until the statement has run.
    private func bind(_ part: Part, of text: UnsafeRawBufferPointer) {
        // An empty array has an address too; a NULL pointer would bind the value NULL.
        let start = text.baseAddress.map { $0 + part.start }
        if part.isText {
            let characters = start?.assumingMemoryBound(to: CChar.self)
            sqlite3_bind_text(statement.sqliteStatement, part.column, characters, CInt(part.count), nil)
        } else {
            sqlite3_bind_blob(statement.sqliteStatement, part.column, start, CInt(part.count), nil)
        }
    }
}

/// Checks whether bytes are text.
private enum UTF8Check {
    static func isValid(_ bytes: [UInt8]) -> Bool {
        // This has no branch for each byte, so it processes 16 at a time.
        if bytes.reduce(0, |) < 128 { return true }
        return String(validating: bytes, as: UTF8.self) != nil
    }
}
