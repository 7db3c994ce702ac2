public import SteelyardPolicy

extension ChargeAccount {
    /// The account of a background job that nobody asked about again: an estimate from its request.
    ///
    /// Its provider's region is not looked at: the provider may have left the configuration meanwhile.
    public init(expired job: OpenJob, rules: Rules) {
        let asked = job.opening.model == "none" ? nil : job.opening.model
        let model = rules.prices.label(asked: asked, answered: nil)
        let tokens = TokenAmounts(job.work, model: model, ratios: rules.ratios)
        let outcome = rules.prices.cost(
            of: Meters(estimate: tokens),
            model: job.opening.model,
            at: job.opening.openedAtSeconds
        )
        var weight = Weight(outcome, estimate: .expired)
        weight.meters = Meters(estimate: tokens)
        weight.tokens = tokens
        self.init(opening: job.opening, modelLabel: model, model: job.opening.model, weight: weight)
    }
}

extension TokenAmounts {
    /// What work comes to of whose answer nothing was seen.
    init(_ work: RequestedWork, model: String, ratios: TokenRatios) {
        self.init(
            prompt: work.inputTokens(model: model, ratios: ratios),
            completion: work.bounded(ratios.unseenOutputTokens(model: model))
        )
    }
}

extension Weight {
    /// A price's outcome as a weight.
    init(_ outcome: PriceOutcome, estimate: EstimateReason?) {
        let confidence: Confidence = estimate == nil ? .exact : .estimated
        switch outcome {
        case .priced(let charge): self.init(cost: charge.total, confidence: confidence, notes: charge.notes)
        case .free: self.init(confidence: confidence)
        case .unpriced(_, let atLeast): self.init(cost: atLeast, confidence: .unpriced)
        }
        self.estimate = estimate
    }
}
