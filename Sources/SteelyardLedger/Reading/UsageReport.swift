public import SteelyardPolicy

/// What spending is grouped by.
public enum UsageDimension: String, Hashable, Sendable, CaseIterable {
    case team
    case key
    /// The model asked for; `other` for those beyond the first two hundred that a key's requests named within an hour.
    case model
    /// The model that was paid for, as the answer named it.
    case paidModel = "paid_model"
    case endpoint
    case provider
    case confidence
    /// The day (UTC) on which the request was admitted.
    case day
    /// The hour (UTC) in which it was.
    case hour
}

/// What a report is asked for.
public struct UsageQuery: Hashable, Sendable {
    /// What rows stand for, from left to right; none: one row over all.
    public var dimensions: [UsageDimension]
    /// Charges opened within count.
    public var bounds: WindowBounds

    /// Makes a query.
    public init(by dimensions: [UsageDimension], within bounds: WindowBounds) {
        self.dimensions = dimensions
        self.bounds = bounds
    }
}

/// What some charges come to.
public struct UsageSums: Hashable, Sendable {
    /// Requests that were charged.
    public var requests: Int64 = 0
    /// Those of them for which no price is known.
    public var unpricedRequests: Int64 = 0
    /// Those of them of which nothing tells what they cost.
    public var unmeteredRequests: Int64 = 0
    /// Prompt tokens, cached ones included.
    public var tokensIn: Int64 = 0
    /// Prompt tokens that came from a cache.
    public var tokensCached: Int64 = 0
    /// Tokens of the answers.
    public var tokensOut: Int64 = 0
    /// What was charged, all in all.
    public var cost = MoneySum()
    /// The part that providers stated the usage of.
    public var exact = MoneySum()
    /// The part that was inferred.
    public var estimated = MoneySum()
    /// The part that stands for charges cut off by the end of a process.
    public var interrupted = MoneySum()

    /// Nothing.
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
    /// What it stands for: a value for each dimension of the query.
    public var names: [String]
    /// What it comes to.
    public var sums: UsageSums
}

/// What was spent, group by group.
public struct UsageReport: Hashable, Sendable {
    /// What was asked.
    public var query: UsageQuery
    /// In the order of time where that is among the dimensions, else the dearest first.
    public var rows: [UsageRow]
    /// All rows together.
    public var total: UsageSums
}
