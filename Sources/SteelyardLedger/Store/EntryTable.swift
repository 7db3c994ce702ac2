import GRDB
import SteelyardPolicy

/// The append-only table of entries, used within one transaction.
struct EntryTable {
    private let database: Database
    /// Prepared once for all entries of a transaction.
    private var statement: RowStatement

    init(_ database: Database) throws {
        self.database = database
        statement = try RowStatement(Self.sql, database)
    }

    /// Adds an entry if it is not there yet.
    ///
    /// - Returns: Whether it was added. Only then may it count anywhere else.
    mutating func insert(_ entry: ChargeSettlement) throws -> Bool {
        Self.bindOpening(entry, &statement)
        Self.bindAmount(entry, &statement)
        try statement.run(database)
        return database.changesCount == 1
    }

    /// Whether there is an entry for a part of a charge. Part 0 is the request itself; after it nothing more can come
    /// for the charge.
    static func holds(_ charge: ChargeID, part: Int = 0, _ database: Database) throws -> Bool {
        let sql = "SELECT 1 FROM entries WHERE charge_high = ? AND charge_low = ? AND part = ?"
        let id = [Int64(bitPattern: charge.high), Int64(bitPattern: charge.low), Int64(part)]
        return try Int.fetchOne(database.cachedStatement(sql: sql), arguments: StatementArguments(id)) != nil
    }

    private static func bindOpening(_ entry: ChargeSettlement, _ statement: inout RowStatement) {
        let opening = entry.opening
        statement.bind(Int64(bitPattern: opening.charge.high))
        statement.bind(Int64(bitPattern: opening.charge.low))
        statement.bind(Int64(entry.part))
        statement.bind(opening.openedAtSeconds)
        statement.bind(entry.settledAtSeconds)
        statement.bind(opening.team)
        statement.bind(opening.key)
        statement.bind(opening.model)
        statement.bind(entry.model)
        statement.bind(opening.endpoint)
        statement.bind(opening.provider)
    }

    private static func bindAmount(_ entry: ChargeSettlement, _ statement: inout RowStatement) {
        statement.bind(entry.tier.rawValue)
        statement.bind(entry.priceBook)
        statement.bind(entry.opening.hold.amount)
        statement.bind(entry.cost.amount)
        statement.bind(entry.confidence.rawValue)
        statement.bind(entry.reason)
        statement.bind(entry.meters.promptTokens)
        statement.bind(entry.meters.cachedTokens)
        statement.bind(entry.meters.outputTokens)
        statement.bind(text: MeterText.bytes(entry.meters))
        statement.bind(textOrBytes: entry.usage)
    }

    private static let sql = """
        INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """
}
