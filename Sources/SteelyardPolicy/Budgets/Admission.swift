import Synchronization

/// Admits requests or rejects them: the only owner of budgets, rates and reservations.
///
/// This is escrow (O'Neil, "The Escrow Transactional Method", 1986). What a request may cost is reserved before the
/// request leaves. So at each admission, in every blocking window, `settled + held + this hold ≤ limit`, however many
/// requests arrive at once. There is one lock. It is held for well under a microsecond, and never across anything that
/// waits.
///
/// It outlives configurations: ``install(_:wallSeconds:recordedUntil:spent:)`` replaces the rules, and the sums stay.
public final class Admission: Sendable {
    private let book: Mutex<BudgetBook>
    /// Held during a query to the ledger, which takes a while. So an event loop must never take it.
    private let asking = Mutex(())

    /// Starts without teams: no request is admitted before ``install(_:wallSeconds:recordedUntil:spent:)``.
    public init(calendar: @escaping WindowCalendar) { book = Mutex(BudgetBook(calendar: calendar)) }

    /// Takes the rules of a configuration, at the start and at every reload. One call at a time.
    ///
    /// A new budget counts every charge exactly once. It counts requests itself from the moment it is opened, before
    /// the ledger is asked; the ledger supplies the rest.
    ///
    /// - Parameters:
    ///   - rules: budgets, limits and teams.
    ///   - wallSeconds: now, since 1970.
    ///   - recordedUntil: no charge that an earlier run recorded was opened later. So windows that begin after it and
    ///     were never entered are empty; all others are summed from the ledger (``sumWindows(spent:)``).
    ///   - spent: reads what is spent from the ledger, one sum for each query, in order. It is called at most once,
    ///     without the lock. It first waits until everything settled before the call is in the ledger, then fixes the
    ///     state that it reads, and only then asks its second argument which charges to leave out, because the new
    ///     budgets count them.
    /// - Throws: what `spent` throws. The old rules stay in that case.
    public func install<Failure: Error>(
        _ rules: AdmissionRules,
        wallSeconds: Int64,
        recordedUntil: Int64,
        spent: ([SpendingQuery], _ countedCharges: () -> [ChargeID]) throws(Failure) -> [MoneySum]
    ) throws(Failure) {
        let rules = rules.resolved
        try asking.withLock { (_) throws(Failure) in
            let queries = book.withLock {
                $0.openBudgets(newIn: rules, wallSeconds: wallSeconds, recordedUntil: recordedUntil)
            }
            do throws(Failure) {
                let sums = queries.isEmpty ? [] : try spent(queries) { book.withLock { $0.countedCharges } }
                book.withLock { $0.install(rules, spentOfNew: sums) }
            } catch {
                book.withLock { $0.dropOpeningBudgets() }
                throw error
            }
        }
    }

    /// Whether there are windows, current or about to begin, whose sums must be read from the ledger. Call this about
    /// once a second, and if it is true call ``sumWindows(spent:)``.
    public func awaitsSums(wallSeconds: Int64) -> Bool { book.withLock { $0.awaitsSums(wallSeconds: wallSeconds) } }

    /// Sums windows from the ledger that were entered while the process runs: after a start with a wrong clock, for
    /// example.
    ///
    /// - Parameter spent: the same as for ``install(_:wallSeconds:recordedUntil:spent:)``.
    /// - Throws: what `spent` throws. The windows then stay without sums, and refuse what may not fit.
    public func sumWindows<Failure: Error>(
        spent: ([SpendingQuery], _ countedCharges: () -> [ChargeID]) throws(Failure) -> [MoneySum]
    ) throws(Failure) {
        try asking.withLock { (_) throws(Failure) in
            let queries = book.withLock { $0.beginAsking() }
            do throws(Failure) {
                let sums = queries.isEmpty ? [] : try spent(queries) { book.withLock { $0.countedCharges } }
                book.withLock { $0.endAsking(sums) }
            } catch {
                book.withLock { $0.endAsking([]) }
                throw error
            }
        }
    }

    /// Admits a request and reserves everything it needs. A rejected request reserves nothing.
    public func admit(_ request: borrowing AdmissionRequest) throws(Rejection) -> Reservation {
        let opened = try book.withLock { (book) throws(Rejection) in try book.admit(request) }
        return Reservation(
            admission: self,
            position: opened.position,
            hold: request.estimate.hold,
            admittedAtSeconds: opened.admittedAtSeconds
        )
    }
}

// MARK: - Charges whose request is over

extension Admission {
    /// Reserves again, after a restart, the hold of a charge that waits for a later answer.
    public func restore(_ opening: ChargeOpening, wallSeconds: Int64) {
        book.withLock { $0.restore(opening, wallSeconds: wallSeconds) }
    }

    /// Settles a charge whose reservation was deferred or restored. Without a reservation, the windows in which the
    /// charge was opened are charged.
    ///
    /// - Parameter model: the model that is paid for; nil: the requested one.
    public func settleDeferred(
        _ opening: ChargeOpening,
        cost: Picodollars,
        tokens: Int64?,
        model: String? = nil,
        at now: Tick
    ) {
        let cost = Cost(picodollars: cost.amount, tokens: tokens, model: model, at: now)
        book.withLock { $0.closeDeferred(opening, at: cost) }
    }
}

// MARK: - Reading

extension Admission {
    /// The state of every budget, in its current window.
    public func standings(wallSeconds: Int64) -> [BudgetStanding] {
        book.withLock { $0.standings(wallSeconds: wallSeconds) }
    }

    /// The requests in progress and the rates of every team.
    public func teamStandings(at now: Tick) -> [TeamStanding] {
        book.withLock { $0.teamStandings(at: now) }
    }

    /// Whether a budget can refuse requests of this team and key. If so, requests that cannot be counted are refused,
    /// plain answers are drained, and no request passes while the ledger fails.
    public func blocks(team: String, key: String) -> Bool { book.withLock { $0.blocks(team: team, key: key) } }

    /// Whether Steelyard has to know the model of a request of this team and key before the provider does: because some
    /// models are not allowed, some budgets count only some models, or a budget that can refuse needs a price.
    public func modelDecides(team: String, key: String) -> Bool {
        book.withLock { $0.modelDecides(team: team, key: key) }
    }

    /// The number of reservations and leaks.
    public var counts: AdmissionCounts { book.withLock { $0.counts } }

    /// The events since the last call that an operator should know about; only the first 1,024 are kept.
    public func takeEvents() -> [BudgetEvent] { book.withLock { $0.takeEvents() } }
}

// MARK: - For reservations

extension Admission {
    func grow(
        _ position: Int,
        by amount: Picodollars,
        atLeast least: Picodollars
    ) throws(BudgetShortage) -> Picodollars {
        try book.withLock { (book) throws(BudgetShortage) in
            Picodollars(try book.grow(position, by: amount.amount, atLeast: least.amount))
        }
    }

    func close(_ position: Int, at cost: Cost) { book.withLock { $0.close(position, at: cost) } }

    func postpone(_ position: Int) { book.withLock { $0.postpone(position) } }

    func dropped(_ position: Int) { book.withLock { $0.dropped(position) } }
}
