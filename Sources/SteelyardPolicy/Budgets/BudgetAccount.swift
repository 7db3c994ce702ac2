/// One window of one budget while it is being spent.
struct BudgetWindow {
    /// Names the window within its account.
    let serial: UInt32
    let bounds: WindowBounds
    /// What its charges have cost, in picodollars.
    var settled: Int128 = 0
    /// What is set aside for requests that are not over.
    var reserved: Int128 = 0
    /// How far those could still go beyond what is set aside for them.
    var exposure: Int128 = 0
    /// How many reservations it has, those that hold nothing included.
    var reservationCount = 0
    /// The highest threshold that was told, in thousandths.
    var toldPermille = 0
    /// Whether ``settled`` has what the ledger knows of the window, besides what was counted since it was entered.
    var isSummed: Bool
    /// What was counted when the ledger was asked for its sum, and is part of that.
    var settledWhenAsked: Int128 = 0

    /// What is taken: spent or set aside.
    var taken: Int128 { settled + reserved }
}

/// A rule made ready for being asked at every request; another configuration brings other terms.
final class BudgetTerms: Sendable {
    let identity: BudgetAccount.Identity
    let rule: BudgetRule
    /// The limit in picodollars.
    let limit: Int128
    /// Where to tell that so much is spent, in thousandths, ascending.
    let thresholds: [Int]
    /// Whether it can refuse.
    let blocks: Bool
    /// Whether it counts some models only.
    let tellsModelsApart: Bool

    init(_ identity: BudgetAccount.Identity, _ rule: BudgetRule) {
        self.identity = identity
        self.rule = rule
        limit = rule.limit.amount
        blocks = rule.whenSpent == .block
        tellsModelsApart = !rule.models.isEmpty
        // A budget that only warns does so at the latest when it is spent.
        let last = rule.whenSpent == .warn && !rule.warnAtPermille.contains(1000) ? [1000] : []
        thresholds = (rule.warnAtPermille + last).sorted()
    }

    /// Whether a request for this model counts.
    ///
    /// - Parameters:
    ///   - model: its name, `none` when it is unknown.
    ///   - bookNames: the names that the price book has for it.
    func counts(_ model: String, bookNames: [String]) -> Bool {
        rule.models.isEmpty || rule.models.contains { $0.means(model, bookNames: bookNames) }
    }
}

/// One budget: its rule, its current window, and the earlier ones that are not over yet.
struct BudgetAccount {
    /// What makes two rules of two configurations the same budget: another limit does not.
    struct Identity: Hashable {
        var scope: BudgetScope
        var period: BudgetPeriod
        var startsOn: Int
        var timeZone: String
        var models: [ModelPattern]
        /// Tells rules apart that differ only in what they allow.
        var ordinal: Int
    }

    /// What becomes of an account.
    enum Phase {
        /// It counts, and does not know what was spent before: it refuses nothing. Exits: in force, retired.
        case opening
        /// Exit: retired, when its rule leaves the configuration.
        case inForce
        /// It counts no new request, and is never taken up again: it misses what is spent from now on.
        case retired
    }

    static let firstSerial: UInt32 = 0

    /// Windows without reservations that are kept, so that a clock which goes back finds them as they were.
    private static let keptWindows = 3

    /// Shared, so that asking an account copies no rule.
    private(set) var terms: BudgetTerms
    private(set) var current: BudgetWindow
    private(set) var others: [BudgetWindow] = []
    /// The sum of all by which settlements went over the limit.
    private(set) var overshoot: Int128 = 0
    /// How far it has come.
    private(set) var phase = Phase.opening
    /// The ledger has no charges for it that were opened later than this, but those that it counted itself.
    private(set) var knownEmptyAfter: Int64
    private var latestSerial = Self.firstSerial

    /// Opens it in its first window.
    ///
    /// - Parameter knownEmptyAfter: no charge that anybody has put on record was opened later.
    init(_ identity: Identity, rule: BudgetRule, bounds: WindowBounds, knownEmptyAfter: Int64) {
        terms = BudgetTerms(identity, rule)
        current = BudgetWindow(serial: Self.firstSerial, bounds: bounds, isSummed: false)
        self.knownEmptyAfter = knownEmptyAfter
        noteEntry(bounds)
    }

    /// Whether it can refuse.
    var blocks: Bool { terms.blocks && phase == .inForce }

    /// What makes it the same budget under another configuration.
    var identity: Identity { terms.identity }

    /// Its rule.
    var rule: BudgetRule { terms.rule }

    /// What may be spent in a window, in picodollars.
    private var limit: Int128 { terms.limit }

    /// Whether nothing is under way in any of its windows.
    var isIdle: Bool { current.reservationCount == 0 && others.allSatisfy { $0.reservationCount == 0 } }

    /// Counts and refuses from now on: its first window has been summed.
    mutating func putInForce() { phase = .inForce }

    /// Ends with its last reservation.
    mutating func retire() { phase = .retired }

    /// Takes the form that another configuration gives the same rule; its limit holds from now on.
    mutating func replaceRule(_ rule: BudgetRule) {
        terms = BudgetTerms(identity, rule)
    }
}

// MARK: - Windows

extension BudgetAccount {
    /// Whether another window has to become the current one.
    func hasRunOut(at seconds: Int64) -> Bool { !current.bounds.contains(seconds) }

    /// Goes to the window around an instant: to one that is kept, or to a new one within these bounds.
    ///
    /// - Returns: whether it is new.
    mutating func moveOn(to seconds: Int64, bounds: WindowBounds) -> Bool {
        let kept = others.firstIndex { $0.bounds.contains(seconds) }
        let next = kept.map { others.remove(at: $0) } ?? entered(bounds)
        others.append(current)
        current = next
        dropOldest()
        return kept == nil
    }

    /// Has the window after the current one ready, so that its sum is there when it begins.
    ///
    /// - Returns: its serial; nil when it is there already.
    mutating func prepareNext(_ bounds: WindowBounds) -> UInt32? {
        guard !others.contains(where: { $0.bounds.contains(bounds.startSeconds) }) else { return nil }
        others.append(entered(bounds))
        dropOldest()
        return latestSerial
    }

    /// A window that begins at 0 where the ledger can have nothing for it, and else must be summed from it.
    private mutating func entered(_ bounds: WindowBounds) -> BudgetWindow {
        latestSerial &+= 1
        let window = BudgetWindow(
            serial: latestSerial,
            bounds: bounds,
            isSummed: bounds.startSeconds > knownEmptyAfter
        )
        noteEntry(bounds)
        return window
    }

    private mutating func noteEntry(_ bounds: WindowBounds) {
        knownEmptyAfter = max(knownEmptyAfter, bounds.endSeconds.subtractingClamped(1))
    }

    private mutating func dropOldest() {
        var idle = others.count { $0.reservationCount == 0 }
        others.removeAll { window in
            guard window.reservationCount == 0, idle > Self.keptWindows else { return false }
            idle -= 1
            return true
        }
    }

    /// The window that contains an instant, if there is one.
    func serial(containing seconds: Int64) -> UInt32? {
        if current.bounds.contains(seconds) { return current.serial }
        return others.first { $0.bounds.contains(seconds) }?.serial
    }

    /// Changes one window; a serial that is unknown changes nothing.
    private mutating func update(_ serial: UInt32, _ change: (inout BudgetWindow) -> Void) {
        if current.serial == serial { return change(&current) }
        guard let position = others.firstIndex(where: { $0.serial == serial }) else { return }
        change(&others[position])
    }

    private func window(_ serial: UInt32) -> BudgetWindow? {
        current.serial == serial ? current : others.first { $0.serial == serial }
    }

    /// When one of its windows begins and ends.
    func bounds(of serial: UInt32) -> WindowBounds? { window(serial)?.bounds }
}

// MARK: - Sums from the ledger

extension BudgetAccount {
    /// Whether it can refuse, and does not know yet what is spent in its current window.
    var awaitsSum: Bool { blocks && !current.isSummed }

    /// Whether the sum of any of its windows is not known yet.
    var hasUnsummed: Bool { !current.isSummed || others.contains { !$0.isSummed } }

    /// The windows whose sum is not known yet.
    var unsummed: [UInt32] { (others + [current]).filter { !$0.isSummed }.map(\.serial) }

    /// The ledger is asked for a window's sum from now on.
    mutating func asks(_ serial: UInt32) { update(serial) { $0.settledWhenAsked = $0.settled } }

    /// Learns what the ledger has for a window. What that has reached is no news.
    mutating func learned(_ recorded: MoneySum, in serial: UInt32) {
        let (terms, limit) = (terms, limit)
        update(serial) { window in
            window.settled += recorded.amount - window.settledWhenAsked
            window.isSummed = true
            window.toldPermille = terms.thresholds.last { Self.isReached($0, window.settled, limit) } ?? 0
        }
    }
}

// MARK: - Money

extension BudgetAccount {
    /// Whether so much would fit into the current window if nothing else were under way.
    func leavesRoom(for amount: Int64) -> Bool { current.settled + Int128(amount) <= limit }

    /// Whether so much more stays within the limit in the current window.
    func fits(_ amount: Int64) -> Bool { current.taken + Int128(amount) <= limit }

    /// How much more stays within the limit in one of its windows; below 0 where it is passed.
    func room(in serial: UInt32) -> Int64 {
        guard let window = window(serial) else { return .max }
        return Int64(clamping: limit - window.taken)
    }

    /// A reservation begins.
    mutating func open(_ hold: Int64, exposure: Int64, in serial: UInt32) {
        update(serial) { window in
            window.reserved += Int128(hold)
            window.exposure += Int128(exposure)
            window.reservationCount += 1
        }
    }

    /// A hold has grown, and the exposure changed with it.
    mutating func grow(_ amount: Int64, exposureChange: Int64, in serial: UInt32) {
        update(serial) { window in
            window.reserved += Int128(amount)
            window.exposure += Int128(exposureChange)
        }
    }

    /// A reservation is over; gives the thresholds that its cost has reached.
    mutating func close(_ hold: Int64, exposure: Int64, cost: Int64, in serial: UInt32) -> [Int] {
        let limit = limit
        var excess: Int128 = 0
        update(serial) { window in
            let before = window.taken
            window.reserved -= Int128(hold)
            window.exposure -= Int128(exposure)
            window.settled += Int128(cost)
            window.reservationCount -= 1
            excess = max(0, window.taken - limit) - max(0, before - limit)
        }
        if blocks { overshoot += max(0, excess) }
        return serial == current.serial && phase == .inForce ? newlyReached() : []
    }

    /// A charge that had no hold.
    mutating func charge(_ cost: Int64, in serial: UInt32) -> [Int] {
        open(0, exposure: 0, in: serial)
        return close(0, exposure: 0, cost: cost, in: serial)
    }

    /// The thresholds of the current window that are reached and were not told.
    private mutating func newlyReached() -> [Int] {
        guard let highest = terms.thresholds.last, current.toldPermille < highest else { return [] }
        let reached = terms.thresholds.filter { $0 > current.toldPermille && isReached($0) }
        current.toldPermille = reached.last ?? current.toldPermille
        return reached
    }

    private func isReached(_ permille: Int) -> Bool { Self.isReached(permille, current.settled, limit) }

    private static func isReached(_ permille: Int, _ settled: Int128, _ limit: Int128) -> Bool {
        settled * 1000 >= limit * Int128(permille)
    }
}

// MARK: - Telling

extension BudgetAccount {
    /// What a window lacks for so much more.
    func shortage(_ amount: Int64, in serial: UInt32, at now: Int64) -> BudgetShortage {
        let window = window(serial) ?? current
        return BudgetShortage(
            scope: identity.scope,
            rule: rule,
            spent: MoneySum(window.settled),
            reserved: MoneySum(window.reserved),
            hold: Picodollars(amount),
            resetsAtSeconds: window.bounds.endSeconds,
            retryAfterSeconds: max(1, window.bounds.endSeconds.subtractingClamped(now))
        )
    }

    /// A threshold of the current window that has been reached.
    func threshold(_ permille: Int) -> BudgetThreshold {
        BudgetThreshold(
            scope: identity.scope,
            rule: rule,
            permille: permille,
            spent: MoneySum(current.settled),
            resetsAtSeconds: current.bounds.endSeconds
        )
    }
}
