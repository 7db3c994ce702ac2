/// How a hold follows an answer that becomes longer than was likely: in steps, each as large as all before it.
///
/// Doubling keeps the steps few: an answer that fills a context of 128,000 tokens from a hold for 1,000 takes seven. To
/// compare bytes with bytes at every event, ask ``TokenEstimates/textBytes(tokens:team:model:)`` once for each step.
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
    public mutating func nextStep(outputTokens: Int64) -> HoldStep? {
        guard outputTokens > coveredTokens, coveredTokens < mostTokens else { return nil }
        let next = min(mostTokens, max(coveredTokens.multipliedClamped(by: 2), outputTokens.multipliedClamped(by: 2)))
        let (wanted, needed) = (next - coveredTokens, min(next, outputTokens) - coveredTokens)
        let step = HoldStep(
            wanted: price(wanted),
            needed: price(needed),
            wantedTokens: wanted,
            neededTokens: needed
        )
        coveredTokens = next
        return step
    }

    /// Takes back what a step covers beyond what was set aside for it, so that the next one is not far.
    public mutating func took(_ granted: Picodollars, of step: HoldStep) {
        guard granted < step.wanted else { return }
        let share = Int128(granted.amount) * Int128(step.wantedTokens) / Int128(step.wanted.amount)
        coveredTokens -= step.wantedTokens - max(step.neededTokens, Int64(clamping: share))
    }

    private func price(_ tokens: Int64) -> Picodollars {
        var sum = RateSum()
        sum.add(tokens, at: rate)
        return sum.rounded(times: factor).amount
    }
}

/// A step of a hold that follows its answer.
public struct HoldStep: Hashable, Sendable {
    /// What to set aside, so that the next step is far.
    public let wanted: Picodollars
    /// What has come already costs as much: to set aside less is of no use.
    public let needed: Picodollars
    fileprivate let wantedTokens: Int64
    fileprivate let neededTokens: Int64
}
