/// What a request can cost, as far as that can be told before it is sent.
public struct HoldEstimate: Hashable, Sendable {
    /// How the request can be counted against budgets.
    public enum Price: Hashable, Sendable {
        /// Every quantity that was estimated has a price.
        case priced
        /// The model is declared free: money budgets do not concern it.
        case free
        /// The model has no price.
        case unpriced
        /// No answer states what it costs.
        case unmetered
    }

    /// How it can be counted.
    public var price: Price
    /// What to set aside.
    public var hold: Picodollars
    /// The most it can cost, as far as that can be told; no less than ``hold``.
    public var ceiling: Picodollars
    /// The tokens it may use, in and out, for rates.
    public var tokens: Int64
    /// How the hold follows the answer; nil when it covers all that can come.
    public var growth: HoldGrowth?

    /// Makes an estimate; without a ceiling, the hold is as much as it can cost.
    public init(price: Price, hold: Picodollars = .zero, ceiling: Picodollars? = nil, tokens: Int64 = 0) {
        self.price = price
        self.hold = hold
        self.ceiling = max(ceiling ?? hold, hold)
        self.tokens = tokens
    }

    /// Of a path whose answers state no cost.
    public static let unmetered = HoldEstimate(price: .unmetered)
}
