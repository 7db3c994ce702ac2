import SteelyardPolicy

/// A hold that grows with its answer.
struct GrowingHold: Sendable {
    private var growth: HoldGrowth
    /// How many bytes of output the hold covers; nil until that has been computed.
    private var coveredBytes: Int64?

    init(_ growth: HoldGrowth) { self.growth = growth }

    /// What more has to be reserved for so many bytes of output; nil when the hold covers them, or when it covers all
    /// that can come.
    mutating func nextStep(outputBytes: Int64, _ request: borrowing ClientRequest) -> HoldStep? {
        let covered = coveredBytes ?? request.textBytes(growth.coveredTokens)
        coveredBytes = covered
        guard outputBytes > covered else { return nil }
        return growth.nextStep(outputTokens: request.tokens(outputBytes: outputBytes))
    }

    /// So much of a step was reserved.
    mutating func took(_ granted: Picodollars, of step: HoldStep) {
        growth.took(granted, of: step)
        coveredBytes = nil
    }
}

extension ClientRequest {
    /// The model's name in metrics, under which estimates are learned, and what it usually spends on thinking.
    private var usualThoughts: (label: String, tokens: Int64) {
        let label = rules.prices.label(asked: model, answered: nil)
        return (label, rules.estimates.thoughtTokens(team: teamName, model: label) ?? 0)
    }

    /// The bytes of text that this many tokens cover, after those that the model spends on thinking.
    fileprivate func textBytes(_ tokens: Int64) -> Int64 {
        let (label, thoughts) = usualThoughts
        return rules.estimates.textBytes(tokens: max(0, tokens - thoughts), team: teamName, model: label)
    }

    /// The tokens of this many bytes of text, plus those that the model spends on thinking.
    fileprivate func tokens(outputBytes: Int64) -> Int64 {
        let (label, thoughts) = usualThoughts
        return rules.estimates.textTokens(bytes: outputBytes, team: teamName, model: label).addingClamped(thoughts)
    }
}
