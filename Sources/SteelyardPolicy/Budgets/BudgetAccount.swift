/// One window of one budget, with its sums.
struct BudgetWindow {
    /// Names the window within its account.
    let serial: UInt32
    let bounds: WindowBounds
    /// What its charges have cost, in picodollars.
    var settled: Int128 = 0
    /// What is reserved for requests in progress and for deferred charges.
    var reserved: Int128 = 0
    /// How much more than that those requests can still cost.
    var exposure: Int128 = 0
    /// The number of its reservations, including those that hold nothing.
    var reservationCount = 0
    /// The highest threshold that was reported, in thousandths.
    var toldPermille = 0
    /// Whether ``settled`` includes what the ledger has for the window, besides what was counted since it was entered.
    var isSummed: Bool
    /// The value of ``settled`` when the ledger was asked for the sum. The sum includes it.
    var settledWhenAsked: Int128 = 0

    /// What is used: spent or reserved.
    var taken: Int128 { settled + reserved }
}

/// A rule, prepared for use at every request. Another configuration brings new terms.
final class BudgetTerms: Sendable {
    let identity: BudgetAccount.Identity
    let rule: BudgetRule
    /// The limit in picodollars.
    let limit: Int128
    /// At which spending to report, in thousandths of the limit, ascending.
    let thresholds: [Int]
    /// Whether the budget can refuse requests.
    let blocks: Bool
    /// Whether it counts only some models.
    let tellsModelsApart: Bool

    init(_ identity: BudgetAccount.Identity, _ rule: BudgetRule) {
        self.identity = identity
        self.rule = rule
        limit = rule.limit.amount
        blocks = rule.whenSpent == .block
        tellsModelsApart = !rule.models.isEmpty
        // A budget that only warns warns at the latest when it is spent.
        let last = rule.whenSpent == .warn && !rule.warnAtPermille.contains(1000) ? [1000] : []
        thresholds = (rule.warnAtPermille + last).sorted()
    }

    /// Whether a request for this model counts.
    ///
    /// - Parameters:
    ///   - model: its name; `none` when it is unknown.
    ///   - bookNames: the names that the price book has for it.
    func counts(_ model: String, bookNames: [String]) -> Bool {
        rule.models.isEmpty || rule.models.contains { $0.means(model, bookNames: bookNames) }
    }
}

/// One budget: its rule, its current window, and other windows that are still needed.
struct BudgetAccount {
    /// What makes two rules of two configurations the same budget. The limit may differ.
    struct Identity: Hashable {
        var scope: BudgetScope
        var period: BudgetPeriod
        var startsOn: Int
        var timeZone: String
        var models: [ModelPattern]
        /// Distinguishes rules that differ only in their limits.
        var ordinal: Int
    }

    /// The state of an account.
    enum Phase {
        /// It counts, but does not know what was spent before, so it refuses nothing. Exits: in force, retired.
        case opening
        /// Exit: retired, when its rule leaves the configuration.
        case inForce
        /// It counts no new request, and is never used again, because it misses what is spent from now on.
        case retired
    }

    static let firstSerial: UInt32 = 0

    /// How many windows without reservations are kept, so that a clock which goes back finds them unchanged.
    private static let keptWindows = 3

    /// A shared object, so that using an account copies no rule.
    private(set) var terms: BudgetTerms
    private(set) var current: BudgetWindow
    private(set) var others: [BudgetWindow] = []
    /// The total by which settlements exceeded the limit.
    private(set) var overshoot: Int128 = 0
    /// The state of the account.
    private(set) var phase = Phase.opening
    /// The ledger has no charges for this budget that were opened later than this, except those that the account
    /// counted itself.
    private(set) var knownEmptyAfter: Int64
    private var latestSerial = Self.firstSerial

    /// Opens the account in its first window.
    ///
    /// - Parameter knownEmptyAfter: no recorded charge, whoever recorded it, was opened later.
    init(_ identity: Identity, rule: BudgetRule, bounds: WindowBounds, knownEmptyAfter: Int64) {
        terms = BudgetTerms(identity, rule)
        current = BudgetWindow(serial: Self.firstSerial, bounds: bounds, isSummed: false)
        self.knownEmptyAfter = knownEmptyAfter
        noteEntry(bounds)
    }

    /// Whether it can refuse requests now.
    var blocks: Bool { terms.blocks && phase == .inForce }

    /// What makes it the same budget in another configuration.
    var identity: Identity { terms.identity }

    /// Its rule.
    var rule: BudgetRule { terms.rule }

    /// The limit of a window, in picodollars.
    private var limit: Int128 { terms.limit }

    /// Whether none of its windows has a reservation.
    var isIdle: Bool { current.reservationCount == 0 && others.allSatisfy { $0.reservationCount == 0 } }

    /// Puts it in force: from now on it can refuse. Its first window has been summed.
    mutating func putInForce() { phase = .inForce }

    /// Retires it. It ends with its last reservation.
    mutating func retire() { phase = .retired }

    /// Takes the same rule from another configuration. The new limit applies from now on.
    mutating func replaceRule(_ rule: BudgetRule) {
        terms = BudgetTerms(identity, rule)
    }
}

// MARK: - Windows

extension BudgetAccount {
    /// Whether the current window does not contain an instant.
    func hasRunOut(at seconds: Int64) -> Bool { !current.bounds.contains(seconds) }

    /// Makes the window around an instant the current one: a kept window, or a new one with these bounds.
    ///
    /// - Returns: whether the window is new.
    mutating func moveOn(to seconds: Int64, bounds: WindowBounds) -> Bool {
        let kept = others.firstIndex { $0.bounds.contains(seconds) }
        let next = kept.map { others.remove(at: $0) } ?? entered(bounds)
        others.append(current)
        current = next
        dropOldest()
        return kept == nil
    }

    /// Creates the window after the current one in advance, so that its sum is known when it begins.
    ///
    /// - Returns: its serial; nil when the window exists already.
    mutating func prepareNext(_ bounds: WindowBounds) -> UInt32? {
        guard !others.contains(where: { $0.bounds.contains(bounds.startSeconds) }) else { return nil }
        others.append(entered(bounds))
        dropOldest()
        return latestSerial
    }

    /// Creates a window. It starts at 0 if the ledger can have nothing for it; otherwise it must be summed from the
    /// ledger.
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

    /// Changes one window. An unknown serial changes nothing.
    private mutating func update(_ serial: UInt32, _ change: (inout BudgetWindow) -> Void) {
        if current.serial == serial { return change(&current) }
        guard let position = others.firstIndex(where: { $0.serial == serial }) else { return }
        change(&others[position])
    }

    private func window(_ serial: UInt32) -> BudgetWindow? {
        current.serial == serial ? current : others.first { $0.serial == serial }
    }

    /// The bounds of one of its windows.
    func bounds(of serial: UInt32) -> WindowBounds? { window(serial)?.bounds }
}

// MARK: - Sums from the ledger

extension BudgetAccount {
    /// Whether it can refuse, and does not know yet what was spent in its current window.
    var awaitsSum: Bool { blocks && !current.isSummed }

    /// Whether the sum of any of its windows is not known yet.
    var hasUnsummed: Bool { !current.isSummed || others.contains { !$0.isSummed } }

    /// The windows whose sum is not known yet.
    var unsummed: [UInt32] { (others + [current]).filter { !$0.isSummed }.map(\.serial) }

    /// Notes that the ledger is being asked for a window's sum.
    mutating func asks(_ serial: UInt32) { update(serial) { $0.settledWhenAsked = $0.settled } }

    /// Takes the ledger's sum for a window. Thresholds that this sum has reached are not reported.
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
    /// Whether this amount would fit into the current window if nothing were reserved.
    func leavesRoom(for amount: Int64) -> Bool { current.settled + Int128(amount) <= limit }

    /// Whether this amount fits into the current window beside everything that is reserved.
    func fits(_ amount: Int64) -> Bool { current.taken + Int128(amount) <= limit }

    /// How much more fits into one of its windows; negative when the limit is exceeded.
    func room(in serial: UInt32) -> Int64 {
        guard let window = window(serial) else { return .max }
        return Int64(clamping: limit - window.taken)
    }

    /// Adds a reservation to a window.
    mutating func open(_ hold: Int64, exposure: Int64, in serial: UInt32) {
        update(serial) { window in
            window.reserved += Int128(hold)
            window.exposure += Int128(exposure)
            window.reservationCount += 1
        }
    }

    /// Increases a hold in a window, and changes the exposure with it.
    mutating func grow(_ amount: Int64, exposureChange: Int64, in serial: UInt32) {
        update(serial) { window in
            window.reserved += Int128(amount)
            window.exposure += Int128(exposureChange)
        }
    }

    /// Ends a reservation in a window. Returns the thresholds that its cost has reached.
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

    /// Adds a charge that had no hold. Returns the thresholds that it has reached.
    mutating func charge(_ cost: Int64, in serial: UInt32) -> [Int] {
        open(0, exposure: 0, in: serial)
        return close(0, exposure: 0, cost: cost, in: serial)
    }

    /// The thresholds of the current window that are reached and were not reported yet.
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
    /// Describes a window that has no room for this amount.
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

    /// Describes a threshold of the current window that has been reached.
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
