import GRDB
import SteelyardPolicy

/// Decides which models get totals of their own in an hour: for each team and key the first two hundred, counted by the
/// pair of requested and paid model.
///
/// Names come from clients and providers and can be anything. A client that sends a hundred thousand of them must not
/// add as many rows to the hours. All later models share one total, named ``other``. No money is lost: the entries keep
/// the names, and windows of budgets over groups of models are summed from the entries (``LedgerLines``).
struct HourModels {
    /// The names that make a separate total.
    struct Names: Hashable {
        var model: ByteText
        var paidModel: ByteText
    }

    private struct Payer: Hashable {
        var hour: Int64
        var team: ByteText
        var key: ByteText
    }

    /// Far more models than a team uses within an hour.
    static let limit = 200
    /// The name for everything without a separate total; the same as in metrics.
    static let other = ModelNameRule.other
    /// The most payers that are remembered. This is enough because charges come nearly in the order of their hours.
    private static let payerLimit = 256

    /// The names that the ledger already has.
    private var known: [Payer: Set<Names>] = [:]

    /// The group in which a group is counted: itself, or the one named ``other``.
    mutating func total(for group: HourTotals.Group, _ database: Database) throws -> HourTotals.Group {
        let payer = Payer(hour: group.hour, team: group.team, key: group.key)
        try remember(payer, database)
        let names = Names(model: group.model, paidModel: group.paidModel)
        guard known[payer]?.contains(names) != true else { return group }
        guard let count = known[payer]?.count, count < Self.limit else { return group.folded }
        known[payer]?.insert(names)
        return group
    }

    private mutating func remember(_ payer: Payer, _ database: Database) throws {
        guard known[payer] == nil else { return }
        if known.count >= Self.payerLimit { known = [:] }
        let sql = "SELECT DISTINCT model, paid_model FROM hours WHERE hour = ? AND team = ? AND key = ?"
        let rows = try Row.fetchAll(
            database.cachedStatement(sql: sql),
            arguments: [payer.hour, payer.team.text, payer.key.text]
        )
        known[payer] = Set(rows.map { Names(model: ByteText($0["model"]), paidModel: ByteText($0["paid_model"])) })
    }

    /// SQL for whether a row of `entries` counts in a total named ``other``, because it has none of its own.
    ///
    /// - Parameters:
    ///   - entry: The table name or alias of the entries.
    ///   - hour: An SQL expression for the entry's hour.
    static func isFolded(_ entry: String, hour: String) -> String {
        """
        (\(entry).model = '\(other)' AND \(entry).paid_model = '\(other)' OR NOT EXISTS (
            SELECT 1 FROM hours AS own WHERE own.hour = \(hour) AND own.team = \(entry).team AND own.key = \(entry).key
                AND own.model = \(entry).model AND own.paid_model = \(entry).paid_model))
        """
    }
}

extension HourTotals.Group {
    fileprivate var folded: Self {
        var folded = self
        (folded.model, folded.paidModel) = (ByteText(HourModels.other), ByteText(HourModels.other))
        return folded
    }
}
