/// What was set aside for one request: money in every window that applies, a place among those under way, tokens.
///
/// It has one owner and one end. An end consumes it, so that nothing can be settled twice; one that is dropped without an
/// end gives back what it held and is counted as a leak (docs/decisions/0012).
public struct Reservation: ~Copyable, Sendable {
    private let admission: Admission
    private let position: Int
    /// What is set aside in each window.
    public private(set) var hold: Picodollars
    /// When it was let through, since 1970, as budgets see the clock: the instant to open the charge at, so that a
    /// restart finds it in the same windows.
    public let admittedAtSeconds: Int64
    private var isOpen = true

    init(admission: Admission, position: Int, hold: Picodollars, admittedAtSeconds: Int64) {
        self.admission = admission
        self.position = position
        self.hold = hold
        self.admittedAtSeconds = admittedAtSeconds
    }

    deinit {
        if isOpen { admission.dropped(position) }
    }

    /// Sets more aside in every window, or in none.
    ///
    /// - Throws: which window has no room. What was held stays; what goes beyond it shows as exposure and, once settled,
    ///   as overshoot.
    public mutating func grow(by amount: Picodollars) throws(BudgetShortage) {
        _ = try grow(by: amount, atLeast: amount)
    }

    /// Sets more aside in every window: so much, or all that is left when that is at least so little, or nothing.
    ///
    /// - Returns: what was set aside.
    /// - Throws: which window has not even room for the least; see ``grow(by:)``.
    public mutating func grow(by amount: Picodollars, atLeast least: Picodollars) throws(BudgetShortage) -> Picodollars
    {
        let granted = try admission.grow(position, by: amount, atLeast: least)
        hold = Picodollars(hold.amount.addingClamped(granted.amount))
        return granted
    }

    /// Ends it at what the request cost.
    ///
    /// - Parameters:
    ///   - cost: is spent from now on, whatever was held.
    ///   - tokens: what was used, in and out; nil leaves what was estimated.
    ///   - model: the model that is paid for, which budgets over groups of models count too; nil: the one that was asked
    ///     for.
    ///   - nanoseconds: the monotonic clock.
    public consuming func settle(cost: Picodollars, tokens: Int64?, model: String? = nil, at nanoseconds: UInt64) {
        isOpen = false
        let cost = Cost(picodollars: cost.amount, tokens: tokens, model: model, nanoseconds: nanoseconds)
        admission.close(position, at: cost)
    }

    /// Ends it without a cost: nothing was sent, or the provider refused it. The request still counts as one.
    public consuming func release(at nanoseconds: UInt64) {
        isOpen = false
        admission.close(position, at: Cost(picodollars: 0, tokens: 0, nanoseconds: nanoseconds))
    }

    /// Leaves what is held to the charge, which a later answer will settle: ``Admission/settleDeferred(_:cost:tokens:at:)``.
    public consuming func postpone() {
        isOpen = false
        admission.postpone(position)
    }
}
