// `Data` is how GRDB takes bytes that are not text.
import FoundationEssentials
import GRDB
import SteelyardPolicy

/// The append-only table.
enum EntryTable {
    /// Adds an entry unless it is there already.
    ///
    /// - Returns: Whether it was added: only then it may count anywhere else.
    static func insert(_ entry: ChargeSettlement, _ database: Database) throws -> Bool {
        try database.cachedStatement(sql: sql).execute(arguments: arguments(entry))
        return database.changesCount == 1
    }

    private static func arguments(_ entry: ChargeSettlement) -> StatementArguments {
        let opening = entry.opening
        return [
            Int64(bitPattern: opening.charge.high), Int64(bitPattern: opening.charge.low), entry.part,
            opening.openedAtSeconds, entry.settledAtSeconds, opening.team, opening.key, opening.model, entry.model,
            opening.endpoint, opening.provider, entry.tier.rawValue, entry.priceBook, opening.hold.amount,
            entry.cost.amount, entry.confidence.rawValue, entry.reason, entry.meters.promptTokens,
            entry.meters.cachedTokens, entry.meters.outputTokens, MeterText.text(entry.meters), verbatim(entry.usage),
        ]
    }

    /// The provider's bytes: as text, which every tool shows, unless they are none.
    private static func verbatim(_ usage: [UInt8]) -> any DatabaseValueConvertible {
        String(validating: usage, as: UTF8.self) ?? Data(usage)
    }

    private static let sql = """
        INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """
}
