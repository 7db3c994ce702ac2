public import SteelyardPolicy

extension ChargeAccount {
    /// The account of a background job that nobody asked about again: an estimate from its request.
    public init(expired job: OpenJob, rules: Rules) {
        let model = rules.prices.canonicalName(requested: job.opening.model, answered: nil) ?? "other"
        let tokens = TokenAmounts(
            prompt: rules.ratios.inputTokens(model: model, bytes: job.inputBytes),
            completion: rules.ratios.unseenOutputTokens(model: model)
        )
        var meters = Meters(promptTokens: tokens.prompt)
        meters[.input] = tokens.prompt
        meters[.output] = tokens.completion
        let outcome = rules.prices.cost(of: meters, model: job.opening.model, at: job.opening.openedAtSeconds)
        var weight = Weight(outcome, confidence: .estimated)
        weight.tokens = tokens
        self.init(opening: job.opening, modelLabel: model, weight: weight)
    }
}

extension Weight {
    /// A price's outcome as a weight.
    init(_ outcome: PriceOutcome, confidence: Confidence) {
        switch outcome {
        case .priced(let charge): self.init(cost: charge.total, confidence: confidence)
        case .free: self.init(confidence: confidence)
        case .unpriced(_, let atLeast): self.init(cost: atLeast, confidence: .unpriced)
        }
    }
}
