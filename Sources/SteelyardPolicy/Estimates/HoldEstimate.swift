/// What a request can cost, as far as this is known before it is sent.
public struct HoldEstimate: Hashable, Sendable {
    /// How the request can be counted against budgets.
    public enum Price: Hashable, Sendable {
        /// Every quantity that was estimated has a price.
        case priced
        /// The model is declared free: money budgets do not apply to it.
        case free
        /// The model has no price.
        case unpriced
        /// Answers on this path never state what they cost.
        case unmetered
    }

    /// How the request can be counted.
    public var price: Price
    /// The amount to reserve.
    public var hold: Picodollars
    /// The most the request can cost, as far as this is known; not less than ``hold``.
    public var ceiling: Picodollars
    /// The tokens that the request may use, input and output, for rate limits.
    public var tokens: Int64
    /// How the hold grows with the answer; nil when it covers every possible answer.
    public var growth: HoldGrowth?

    /// Makes an estimate. Without a ceiling, the hold is the most the request can cost.
    public init(price: Price, hold: Picodollars = .zero, ceiling: Picodollars? = nil, tokens: Int64 = 0) {
        self.price = price
        self.hold = hold
        self.ceiling = max(ceiling ?? hold, hold)
        self.tokens = tokens
    }

    /// The estimate for a path whose answers state no cost.
    public static let unmetered = HoldEstimate(price: .unmetered)
}
