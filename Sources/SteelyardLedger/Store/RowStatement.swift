import GRDB
import GRDBSQLite

/// A statement that is run for every entry, bound without GRDB's arguments: these are an array of boxed values, and
/// were 40 % of what an entry costs (46,000 of 112,000 instructions, callgrind).
struct RowStatement {
    private let statement: Statement
    private var column: CInt = 0

    init(_ sql: String, _ database: Database) throws { statement = try database.cachedStatement(sql: sql) }

    mutating func bind(_ value: Int64) {
        column += 1
        sqlite3_bind_int64(statement.sqliteStatement, column, value)
    }

    mutating func bind(_ text: String) {
        column += 1
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                _ = sqlite3_bind_text(
                    statement.sqliteStatement,
                    column,
                    Self.base(characters),
                    CInt(bytes.count),
                    Self.copied
                )
            }
        }
    }

    /// Bytes as text when they are UTF-8, which every tool shows, else as a blob.
    mutating func bind(textOrBytes bytes: [UInt8]) {
        guard !UTF8Check.isValid(bytes) else { return bind(text: bytes) }
        column += 1
        bytes.withUnsafeBytes { bytes in
            _ = sqlite3_bind_blob(statement.sqliteStatement, column, bytes.baseAddress, CInt(bytes.count), Self.copied)
        }
    }

    mutating func bind(text bytes: [UInt8]) {
        column += 1
        bytes.withUnsafeBytes { bytes in
            let characters = bytes.bindMemory(to: CChar.self)
            _ = sqlite3_bind_text(
                statement.sqliteStatement,
                column,
                Self.base(characters),
                CInt(bytes.count),
                Self.copied
            )
        }
    }

    /// Runs the statement, which returns no rows; a value that could not be bound makes it fail as a missing one.
    mutating func run(_ database: Database) throws {
        column = 0
        let code = sqlite3_step(statement.sqliteStatement)
        let message = code == SQLITE_DONE ? nil : String(cString: sqlite3_errmsg(database.sqliteConnection))
        sqlite3_reset(statement.sqliteStatement)
        guard code == SQLITE_DONE else { throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message) }
    }

    /// An empty buffer may have no address, which SQLite would take for NULL.
    private static func base(_ characters: UnsafeBufferPointer<CChar>) -> UnsafePointer<CChar>? {
        characters.baseAddress ?? emptyText
    }

    // Never written to: a string of the program itself.
    private static nonisolated(unsafe) let emptyText = UnsafeRawPointer(StaticString("").utf8Start)
        .assumingMemoryBound(to: CChar.self)

    /// SQLITE_TRANSIENT, which Swift does not import: SQLite copies the bytes before the call returns.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

/// Whether bytes are text.
private enum UTF8Check {
    static func isValid(_ bytes: [UInt8]) -> Bool {
        if bytes.allSatisfy({ $0 < 128 }) { return true }
        return String(validating: bytes, as: UTF8.self) != nil
    }
}
