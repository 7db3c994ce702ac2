import GRDB
import SteelyardPolicy

/// The charges opened within some bounds as one table, `lines`: hourly totals for whole hours, and entries for the
/// partial hours at both ends.
struct LedgerLines {
    let arguments: StatementArguments
    /// The arguments of ``sqlOfModels``.
    let argumentsOfModels: StatementArguments

    init(_ bounds: WindowBounds, _ database: Database) throws {
        let pruned = try LedgerFact.prunedBefore.read(database)
        var (start, end) = (bounds.startSeconds, max(bounds.startSeconds, bounds.endSeconds))
        // If entries may have been deleted, they cannot tell what lies within an hour.
        if start < pruned { start = HourTotals.hour(of: start) }
        if end < pruned { end = Self.hour(notBefore: end) }
        let firstHour = min(Self.hour(notBefore: start), end)
        let lastHour = max(HourTotals.hour(of: end), firstHour)
        arguments = [
            "firstHour": firstHour, "lastHour": lastHour, "start": start, "end": end,
        ]
        argumentsOfModels = arguments &+ ["pruned": pruned]
    }

    private static func hour(notBefore seconds: Int64) -> Int64 {
        let hour = HourTotals.hour(of: seconds)
        return hour == seconds ? hour : hour + 3600
    }

    /// A common table expression, for a `SELECT … FROM lines`.
    let sql = """
        WITH lines AS (
            SELECT hour, team, key, model, paid_model, endpoint, provider, confidence, requests, entries, tokens_in,
                tokens_cached, tokens_out, cost_dollars, cost_rest,
                model = '\(HourModels.other)' AND paid_model = '\(HourModels.other)' AS is_folded
            FROM hours WHERE hour >= :firstHour AND hour < :lastHour
            UNION ALL
            SELECT opened_at / 3600 * 3600, team, key, model, paid_model, endpoint, provider, confidence, part = 0, 1,
                tokens_in, tokens_cached, tokens_out, cost / 1000000000000, cost % 1000000000000, 0
            FROM entries
            WHERE (opened_at >= :start AND opened_at < :firstHour) OR (opened_at >= :lastHour AND opened_at < :end)
        )
        """

    /// Common table expressions, to be followed by a `SELECT … FROM model_lines`, which has team, key, both models and
    /// cost. In place of a total that covers many models (``HourModels``), the table has the entries behind it. If they
    /// were deleted, it has the total, whose models are then NULL.
    var sqlOfModels: String {
        """
        \(sql), model_lines AS (
            SELECT team, key, CASE WHEN is_folded THEN NULL ELSE model END AS model,
                CASE WHEN is_folded THEN NULL ELSE paid_model END AS paid_model, cost_dollars, cost_rest
            FROM lines WHERE NOT is_folded OR hour < :pruned
            UNION ALL
            SELECT entry.team, entry.key, entry.model, entry.paid_model, entry.cost / 1000000000000,
                entry.cost % 1000000000000
            FROM (SELECT DISTINCT hour, team, key FROM lines WHERE is_folded AND hour >= :pruned) AS total
            CROSS JOIN entries AS entry
            WHERE entry.opened_at >= total.hour AND entry.opened_at < total.hour + 3600
                AND entry.team = total.team AND entry.key = total.key
                AND \(HourModels.isFolded("entry", hour: "total.hour"))
        )
        """
    }

    /// Three sums that cannot overflow 64 bits with fewer than a trillion rows.
    static let costSums = """
        SUM(cost_dollars) AS dollars, SUM(cost_rest / 1000000) AS micros, SUM(cost_rest % 1000000) AS picos
        """

    /// The money of a row with ``costSums``.
    static func cost(_ row: Row) -> MoneySum {
        let (dollars, micros, picos): (Int64, Int64, Int64) = (row["dollars"], row["micros"], row["picos"])
        return MoneySum(Int128(dollars) * 1_000_000_000_000 + Int128(micros) * 1_000_000 + Int128(picos))
    }
}
