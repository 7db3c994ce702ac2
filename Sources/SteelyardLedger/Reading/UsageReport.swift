public import SteelyardPolicy

/// What spending is grouped by.
public enum UsageDimension: String, Hashable, Sendable, CaseIterable {
    case team
    case key
    /// The requested model; `other` for models beyond the first two hundred that a key's requests named within an hour.
    case model
    /// The model that was charged, as the answer named it.
    case paidModel = "paid_model"
    case endpoint
    case provider
    case confidence
    /// The day (UTC) on which the request was admitted.
    case day
    /// The hour (UTC) of the admission.
    case hour
}

/// The query of a report.
public struct UsageQuery: Hashable, Sendable {
    /// What each row stands for, from left to right; empty means one row for everything.
    public var dimensions: [UsageDimension]
    /// Counts charges opened within these bounds.
    public var bounds: WindowBounds

    /// Makes a query.
    public init(by dimensions: [UsageDimension], within bounds: WindowBounds) {
        self.dimensions = dimensions
        self.bounds = bounds
    }
}

/// The sums of some charges.
public struct UsageSums: Hashable, Sendable {
    /// Requests that were charged.
    public var requests: Int64 = 0
    /// How many of them have no known price.
    public var unpricedRequests: Int64 = 0
    /// How many of them have no known cost.
    public var unmeteredRequests: Int64 = 0
    /// Prompt tokens, cached ones included.
    public var tokensIn: Int64 = 0
    /// Prompt tokens that came from a cache.
    public var tokensCached: Int64 = 0
    /// Tokens of the answers.
    public var tokensOut: Int64 = 0
    /// The total of the charges.
    public var cost = MoneySum()
    /// The part with usage stated by the provider.
    public var exact = MoneySum()
    /// The part that was estimated.
    public var estimated = MoneySum()
    /// The part of charges that the end of a process interrupted.
    public var interrupted = MoneySum()

    /// Sums of zero.
    public init() {}

    /// Adds other charges.
    public static func += (sums: inout UsageSums, other: UsageSums) {
        sums.requests += other.requests
        sums.unpricedRequests += other.unpricedRequests
        sums.unmeteredRequests += other.unmeteredRequests
        sums.tokensIn += other.tokensIn
        sums.tokensCached += other.tokensCached
        sums.tokensOut += other.tokensOut
        sums.cost += other.cost
        sums.exact += other.exact
        sums.estimated += other.estimated
        sums.interrupted += other.interrupted
    }
}

/// One group of charges.
public struct UsageRow: Hashable, Sendable {
    /// The names of the group: a value for each dimension of the query.
    public var names: [String]
    /// The sums of the group.
    public var sums: UsageSums
}

/// What was spent, in groups.
public struct UsageReport: Hashable, Sendable {
    /// The query.
    public var query: UsageQuery
    /// Sorted by time if time is one of the dimensions, otherwise the highest cost first.
    public var rows: [UsageRow]
    /// All rows together.
    public var total: UsageSums
}
