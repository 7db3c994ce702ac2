/// How a hold grows when an answer becomes longer than was likely. It grows in steps, and each step is as large as
/// everything before it.
///
/// Doubling keeps the steps few: an answer that grows from a hold for 1,000 tokens until it fills a context of 128,000
/// takes seven. Call ``TokenEstimates/textBytes(tokens:team:model:)`` once for each step; then each event only needs a
/// comparison of bytes with bytes.
public struct HoldGrowth: Hashable, Sendable {
    /// The output tokens for which money is reserved, or for which a reservation was tried.
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

    /// How much more to reserve after this many output tokens; nil while they are covered.
    ///
    /// The step counts as taken even if the money cannot be reserved: a budget that refused it is asked again at the
    /// next step.
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

    /// Takes back the part of a step that was not reserved, so that the next step is not far away.
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

/// One step in the growth of a hold.
public struct HoldStep: Hashable, Sendable {
    /// The amount to reserve if possible, so that the next step is far away.
    public let wanted: Picodollars
    /// The least amount to reserve: the output so far already costs this much, so less is of no use.
    public let needed: Picodollars
    fileprivate let wantedTokens: Int64
    fileprivate let neededTokens: Int64
}
