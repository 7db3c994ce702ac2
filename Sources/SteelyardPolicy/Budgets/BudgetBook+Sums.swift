/// What the ledger has for windows that are entered newly: they begin with it.
///
/// Mostly a window begins where the one before ended, and nothing can be on record for it: that is known without asking
/// (``BudgetAccount/knownEmptyAfter``). Any other may hold charges of an earlier run, or of a clock that was wrong: after a
/// start in 1970, say, or when a clock comes back from next year. Such a window refuses what it may not have room for until
/// its sum is there. Asking takes a file, so it is done in two steps with the lock open in between.
extension BudgetBook {
    /// Whether sums are wanted from the ledger, now or when the next windows begin; enters the windows of now.
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

    /// Begins to ask for the sums of all windows in force that lack theirs.
    ///
    /// - Returns: what must be known, in the order of ``endAsking(_:)``.
    mutating func beginAsking() -> [SpendingQuery] {
        closedWhileAsking = []
        return accounts.indices.filter { accounts[$0].phase == .inForce }.flatMap { position in
            accounts[position].unsummed.map { ask(position, $0) }
        }
    }

    /// Notes that a window's sum is being asked for.
    mutating func ask(_ account: Int, _ serial: UInt32) -> SpendingQuery {
        asked.append(Share(account: account, serial: serial))
        accounts[account].asks(serial)
        let rule = accounts[account].rule
        // Every window that lacks its sum is one of the account's.
        let bounds = accounts[account].bounds(of: serial) ?? accounts[account].current.bounds
        return SpendingQuery(scope: accounts[account].identity.scope, models: rule.models, bounds: bounds)
    }

    /// Takes the sums of the windows that were asked for; without them these stay as they were.
    mutating func endAsking(_ sums: [MoneySum]) {
        for (window, sum) in zip(asked, sums) { accounts[window.account].learned(sum, in: window.serial) }
        asked = []
        closedWhileAsking = nil
    }
}
