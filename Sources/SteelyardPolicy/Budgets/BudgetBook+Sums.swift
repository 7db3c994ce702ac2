/// Sums from the ledger: what was already spent in a window that is entered for the first time.
///
/// Usually a window begins where the one before ended, so the ledger can have nothing for it, and no query is needed
/// (``BudgetAccount/knownEmptyAfter``). Any other window may contain charges of an earlier run, or charges from a time
/// when the clock was wrong: after a start in 1970, say, or when a clock comes back from next year. Until its sum is
/// known, such a window refuses every request that may not fit. The query reads a file, so it has two steps, and the
/// lock is free in between.
extension BudgetBook {
    /// Whether any sum must be read from the ledger, for windows that have begun or are about to. Also moves every
    /// budget to its current window.
    mutating func awaitsSums(wallSeconds: Int64) -> Bool {
        let now = now(wallSeconds)
        for position in accounts.indices where accounts[position].phase == .inForce {
            moveOn(position, to: now)
            prepareNext(position)
        }
        return accounts.contains { $0.phase == .inForce && $0.hasUnsummed }
    }

    private mutating func prepareNext(_ position: Int) {
        let rule = accounts[position].rule
        guard accounts[position].current.bounds.endSeconds <= accounts[position].knownEmptyAfter else { return }
        let next = bounds(of: rule, at: accounts[position].current.bounds.endSeconds)
        guard let serial = accounts[position].prepareNext(next) else { return }
        adopt(position, serial, prices)
    }

    /// Starts a query for the sums of all windows in force that do not have theirs.
    ///
    /// - Returns: the queries, in the order in which ``endAsking(_:)`` takes their answers.
    mutating func beginAsking() -> [SpendingQuery] {
        closedWhileAsking = []
        return accounts.indices.filter { accounts[$0].phase == .inForce }.flatMap { position in
            accounts[position].unsummed.map { ask(position, $0) }
        }
    }

    /// Notes that the ledger is being asked for a window's sum.
    mutating func ask(_ account: Int, _ serial: UInt32) -> SpendingQuery {
        asked.append(Share(account: account, serial: serial))
        accounts[account].asks(serial)
        let rule = accounts[account].rule
        // Every window without a sum belongs to its account, so the fallback is never used.
        let bounds = accounts[account].bounds(of: serial) ?? accounts[account].current.bounds
        return SpendingQuery(scope: accounts[account].identity.scope, models: rule.models, bounds: bounds)
    }

    /// Takes the answers to the queries. Without answers the windows stay as they were.
    mutating func endAsking(_ sums: [MoneySum]) {
        for (window, sum) in zip(asked, sums) { accounts[window.account].learned(sum, in: window.serial) }
        asked = []
        closedWhileAsking = nil
    }
}
