import GRDB
import SteelyardPolicy

/// Which models have totals of their own in an hour: the first two hundred of each team and key, by the name that was
/// asked for and the one that is paid for.
///
/// Names come from clients and providers and can be anything; one that sends a hundred thousand of them must not grow the
/// hours by as many rows. What comes later shares one total, named ``other``: no money is dropped, the entries keep the
/// names, and windows of budgets over groups of models are summed from them (``LedgerLines``).
struct HourModels {
    /// What makes a total of its own.
    struct Names: Hashable {
        var model: ByteText
        var paidModel: ByteText
    }

    private struct Payer: Hashable {
        var hour: Int64
        var team: ByteText
        var key: ByteText
    }

    /// Far more than a team uses within an hour.
    static let limit = 200
    /// The name of what has no total of its own; the same as in metrics.
    static let other = ModelNameRule.other
    /// Payers that are remembered; charges come in nearly in the order of their hours.
    private static let payerLimit = 256

    /// What the ledger has.
    private var known: [Payer: Set<Names>] = [:]

    /// The group under which another counts.
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

    /// Whether a row of `entries` counts in a total named ``other``, in SQL: it has none of its own.
    ///
    /// - Parameters:
    ///   - entry: The name of its table.
    ///   - hour: An expression for its hour.
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
