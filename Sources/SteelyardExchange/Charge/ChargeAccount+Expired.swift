public import SteelyardPolicy

extension ChargeAccount {
    /// The account of a background job that nobody asked about again. It is an estimate, but at least the job's hold,
    /// because nobody has seen the job's output.
    ///
    /// The region of its provider is ignored: the provider may have been removed from the configuration since.
    public init(expired job: OpenJob, rules: Rules) {
        let model = rules.prices.label(asked: job.askedModel, answered: nil)
        let tokens = TokenAmounts(job, label: model, priced: job.opening.model, rules: rules)
        let outcome = rules.prices.cost(
            of: Meters(estimate: tokens),
            model: job.opening.model,
            at: job.opening.openedAtSeconds
        )
        var weight = Weight(outcome, estimate: .expired)
        weight.cost = max(weight.cost, job.opening.hold)
        weight.meters = Meters(estimate: tokens)
        weight.tokens = tokens
        self.init(opening: job.opening, modelLabel: model, model: job.opening.model, weight: weight)
    }
}

extension TokenAmounts {
    /// Estimates the tokens of a job whose usage will never be known. Its output is as long as answers of its model
    /// usually are, and at least what was seen of it. It stays within the job's own cap and the model's limit, unless
    /// more than that was seen.
    init(_ job: OpenJob, label: String, priced: String, rules: Rules) {
        let (team, estimates) = (job.opening.team, rules.estimates)
        let seen = estimates.textTokens(bytes: job.seenOutputBytes, team: team, model: label)
        let thoughts = estimates.thoughtTokens(team: team, model: label) ?? 0
        let output = max(seen.addingClamped(thoughts), estimates.unseenTokens(team: team, model: label))
        let limit = min(job.work.outputLimit ?? .max, rules.prices.traits(of: priced).maxOutputTokens ?? .max)
        self.init(
            prompt: job.work.inputTokens(team: team, model: label, estimates: estimates),
            completion: min(output, max(limit, seen))
        )
    }
}

extension Weight {
    /// Makes a weight from the result of pricing.
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
