/// How a hold follows an answer that becomes longer than was likely: in steps, each as large as all before it.
///
/// Doubling keeps the steps few: an answer that fills a context of 128,000 tokens from a hold for 1,000 takes seven. To
/// compare bytes with bytes at every event, ask ``TokenRatios/outputBytes(model:tokens:)`` once for each step.
public struct HoldGrowth: Hashable, Sendable {
    /// Output tokens that are set aside for, or were asked for.
    public private(set) var coveredTokens: Int64
    private let mostTokens: Int64
    private let rate: Rate
    private let factor: Ratio

    init(covered: Int64, most: Int64, rate: Rate, factor: Ratio) {
        coveredTokens = covered
        mostTokens = most
        self.rate = rate
        self.factor = factor
    }

    /// What more to set aside now that so many tokens have come; nil while they are covered.
    ///
    /// The step is taken whether or not it can be set aside: a budget that refused it is asked again at the next one.
    public mutating func nextStep(outputTokens: Int64) -> Picodollars? {
        guard outputTokens > coveredTokens, coveredTokens < mostTokens else { return nil }
        let next = min(mostTokens, max(coveredTokens.multipliedClamped(by: 2), outputTokens.multipliedClamped(by: 2)))
        var sum = RateSum()
        sum.add(next - coveredTokens, at: rate)
        coveredTokens = next
        return sum.rounded(times: factor).amount
    }
}
