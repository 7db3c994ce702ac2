import Synchronization

/// Lets requests through, or not: the one owner of budgets, rates and reservations.
///
/// Escrow (O'Neil, "The Escrow Transactional Method", 1986): what a request may cost is set aside before it leaves, so
/// that in every blocking window `settled + held + this hold ≤ limit` at each admission, however many arrive at once.
/// One lock, held for well under a microsecond and never across anything that waits.
///
/// It outlives configurations: ``install(_:wallSeconds:recordedUntil:spent:)`` swaps the rules, money stays.
public final class Admission: Sendable {
    private let book: Mutex<BudgetBook>
    /// Held by whoever asks the ledger, which takes a while: never by an event loop.
    private let asking = Mutex(())

    /// Starts without teams: nothing is let through before ``install(_:wallSeconds:recordedUntil:spent:)``.
    public init(calendar: @escaping WindowCalendar) { book = Mutex(BudgetBook(calendar: calendar)) }

    /// Takes the rules of a configuration, at the start and at every reload; one call at a time.
    ///
    /// A budget that was not there before counts every charge once: it counts requests from the moment it is opened,
    /// before the ledger is asked, and the ledger tells the rest.
    ///
    /// - Parameters:
    ///   - rules: budgets, limits and teams.
    ///   - wallSeconds: now, since 1970.
    ///   - recordedUntil: no charge that an earlier run put on record was opened later: windows that begin after it and
    ///     were never entered are empty, all others are summed from the ledger (``sumWindows(spent:)``).
    ///   - spent: what the ledger says is spent, for each query in turn; called at most once, without the lock. It first
    ///     waits until what was settled before the call is in the ledger, then fixes the state that it reads, and only
    ///     then asks its second argument which charges to leave out, because the new budgets count them.
    /// - Throws: what `spent` throws; the old rules stay then.
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

    /// Whether windows were entered, or will be, whose sums must be read from the ledger. To be asked about once a second;
    /// whoever is told so calls ``sumWindows(spent:)``.
    public func awaitsSums(wallSeconds: Int64) -> Bool { book.withLock { $0.awaitsSums(wallSeconds: wallSeconds) } }

    /// Sums windows from the ledger that were entered while running: after a start under a wrong clock, for example.
    ///
    /// - Parameter spent: the same as for ``install(_:wallSeconds:recordedUntil:spent:)``.
    /// - Throws: what `spent` throws; the windows stay unsummed then, and refuse what cannot be known to fit.
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

    /// Lets a request through, with everything it needs set aside, or takes nothing.
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
    /// Sets aside again, after a restart, what a charge that waits for a later answer had set aside before.
    public func restore(_ opening: ChargeOpening, wallSeconds: Int64) {
        book.withLock { $0.restore(opening, wallSeconds: wallSeconds) }
    }

    /// Settles a charge whose reservation was deferred or restored; without one, the windows it was opened in are charged.
    ///
    /// - Parameter model: the model that is paid for; nil: the one that was asked for.
    public func settleDeferred(
        _ opening: ChargeOpening,
        cost: Picodollars,
        tokens: Int64?,
        model: String? = nil,
        at nanoseconds: UInt64
    ) {
        let cost = Cost(picodollars: cost.amount, tokens: tokens, model: model, nanoseconds: nanoseconds)
        book.withLock { $0.closeDeferred(opening, at: cost) }
    }
}

// MARK: - Reading

extension Admission {
    /// Every budget, in its window of now.
    public func standings(wallSeconds: Int64) -> [BudgetStanding] {
        book.withLock { $0.standings(wallSeconds: wallSeconds) }
    }

    /// Every team's requests under way and rates.
    public func teamStandings(at nanoseconds: UInt64) -> [TeamStanding] {
        book.withLock { $0.teamStandings(nanoseconds: nanoseconds) }
    }

    /// Whether a budget can refuse requests of this team and key: then what cannot be counted is refused, plain answers
    /// are drained, and nothing passes while the ledger fails.
    public func blocks(team: String, key: String) -> Bool { book.withLock { $0.blocks(team: team, key: key) } }

    /// Whether somebody has to know the model of a request of this team and key before its provider does: some models
    /// are not for it, some budgets count only some, or a budget that can refuse needs a price.
    public func modelDecides(team: String, key: String) -> Bool {
        book.withLock { $0.modelDecides(team: team, key: key) }
    }

    /// Reservations and leaks.
    public var counts: AdmissionCounts { book.withLock { $0.counts } }

    /// What happened since the last call that an operator should hear of; the first 1,024 of it.
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
