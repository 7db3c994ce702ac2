@testable import SteelyardLedger
@testable import SteelyardPolicy

/// Questions that tests ask of a ledger.
enum Ledgers {
    static let now: Int64 = 1_700_000_100
    static let always = WindowBounds(startSeconds: -1_000_000, endSeconds: 10_000_000_000)

    static func open(_ settings: LedgerSettings) throws -> (ledger: Ledger, opening: LedgerOpening) {
        try Ledger.open(settings, nowSeconds: now)
    }

    /// The whole content, after everything that was appended is in it.
    static func total(_ ledger: Ledger) throws -> UsageSums {
        ledger.flush(withinSeconds: 20)
        return try ledger.read().report(UsageQuery(by: [], within: always)).total
    }

    static func spent(
        _ ledger: Ledger,
        _ scope: BudgetScope = .organization,
        models: [String] = [],
        from start: Int64 = always.startSeconds,
        to end: Int64 = always.endSeconds
    ) throws -> Int128 {
        let bounds = WindowBounds(startSeconds: start, endSeconds: end)
        let query = SpendingQuery(scope: scope, models: models.map(ModelPattern.init), bounds: bounds)
        return try ledger.read().spent([query])[0].amount
    }
}
