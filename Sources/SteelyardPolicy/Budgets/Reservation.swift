/// What is reserved for one request: money in every window that applies, a place among the requests in progress, and
/// tokens.
///
/// It has one owner and ends once. Ending consumes it, so that nothing can be settled twice. A reservation that is
/// dropped without being ended frees its hold and is counted as a leak (docs/decisions/0012).
public struct Reservation: ~Copyable, Sendable {
    private let admission: Admission
    private let position: Int
    /// The amount that is reserved in each window.
    public private(set) var hold: Picodollars
    /// When the request was admitted, in seconds since 1970, by the budgets' clock. Open the charge with this instant,
    /// so that after a restart it is in the same windows.
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

    /// Reserves more in every window, or in none.
    ///
    /// - Throws: which window has no room. The hold stays as it was. A cost beyond the hold counts as exposure and,
    ///   once settled, as overshoot.
    public mutating func grow(by amount: Picodollars) throws(BudgetShortage) {
        _ = try grow(by: amount, atLeast: amount)
    }

    /// Reserves more in every window: `amount` if there is room, otherwise all that is left if that is at least
    /// `least`, otherwise nothing.
    ///
    /// - Returns: the amount that was reserved.
    /// - Throws: which window has no room even for `least`; see ``grow(by:)``.
    public mutating func grow(by amount: Picodollars, atLeast least: Picodollars) throws(BudgetShortage) -> Picodollars
    {
        let granted = try admission.grow(position, by: amount, atLeast: least)
        hold = Picodollars(hold.amount.addingClamped(granted.amount))
        return granted
    }

    /// Ends the reservation with the cost of the request.
    ///
    /// - Parameters:
    ///   - cost: the amount that counts as spent from now on, whatever was held.
    ///   - tokens: the tokens that were used, input and output; nil keeps the estimate.
    ///   - model: the model that is paid for; budgets over groups of models count this one too. Nil: the requested one.
    ///   - now: when it ended.
    public consuming func settle(cost: Picodollars, tokens: Int64?, model: String? = nil, at now: Tick) {
        isOpen = false
        let cost = Cost(picodollars: cost.amount, tokens: tokens, model: model, at: now)
        admission.close(position, at: cost)
    }

    /// Ends the reservation without a cost: nothing was sent, or the provider refused it. The rate limit still counts
    /// the request.
    public consuming func release(at now: Tick) {
        isOpen = false
        admission.close(position, at: Cost(picodollars: 0, tokens: 0, at: now))
    }

    /// Keeps the hold for the charge, which a later answer will settle:
    /// ``Admission/settleDeferred(_:cost:tokens:at:)``.
    public consuming func postpone() {
        isOpen = false
        admission.postpone(position)
    }
}
