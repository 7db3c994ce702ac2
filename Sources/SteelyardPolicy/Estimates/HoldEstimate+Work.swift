extension HoldEstimate {
    /// Estimates what to reserve for a request.
    ///
    /// - Parameters:
    ///   - work: what the request asks for.
    ///   - model: the model it names; nil when it names none.
    ///   - label: that model's name in metrics, under which quantiles are learned.
    ///   - team: the team that asks.
    ///   - reserve: the team's policy for the size of holds.
    ///   - prices: the price book in force.
    ///   - quantiles: what was learned from recent answers.
    ///   - wallSeconds: now, since 1970.
    ///   - region: the region of the provider's host.
    public init(
        _ work: PlannedWork,
        model: String?,
        label: String,
        team: String,
        reserve: ReservePolicy,
        prices: PriceBook,
        quantiles: UsageQuantiles,
        at wallSeconds: Int64,
        region: Region?
    ) {
        let learned = quantiles.learned(of: label, team: team)
        guard let model, let priced = prices.model(named: model) else {
            self.init(price: .unpriced, tokens: HoldBounds(work, nil).likely(learned).tokens)
            return
        }
        let bounds = HoldBounds(work, priced)
        let pricing = HoldPricing(work: work, model: priced, prices: prices, wallSeconds: wallSeconds, region: region)
        let likely = bounds.likely(learned)
        let tiers = ServiceTier.possible(for: work.tier)
        let pictures = HoldPricing.assumedPicturesAtMost
        guard let most = pricing.price(bounds.most, tiers: tiers, pictures: pictures) else {
            self.init(price: .unpriced, tokens: likely.tokens)
            return
        }
        let plain = ServiceTier.isLeftToProject(work.tier) && !learned.wasServedDearer
        let expected = pricing.price(likely, tiers: plain ? [.standard] : tiers, pictures: 1)
        let hold = reserve == .worstCase ? most : expected ?? most
        self.init(hold: hold, ceiling: most, likely: likely, most: bounds.most)
    }
}

extension HoldEstimate {
    private init(
        hold: HoldPricing.Price,
        ceiling: HoldPricing.Price,
        likely: HoldQuantities,
        most: HoldQuantities
    ) {
        guard !hold.isFree else {
            self.init(price: .free, tokens: likely.tokens)
            return
        }
        self.init(price: .priced, hold: hold.amount, ceiling: ceiling.amount, tokens: likely.tokens)
        guard hold.amount < self.ceiling, likely.outputTokens < most.outputTokens else { return }
        growth = HoldGrowth(
            covered: likely.outputTokens,
            most: most.outputTokens,
            rate: hold.rates.output,
            factor: hold.rates.factor
        )
    }
}

/// Prices the quantities that a request may use.
struct HoldPricing {
    /// A price, and the rates that were used.
    struct Price {
        var amount: Picodollars
        var rates: HoldRates
        /// Whether the model is declared free and nothing else costs anything either.
        var isFree: Bool { rates.isFree && amount == .zero }
    }

    let work: PlannedWork
    let model: PricedModel
    let prices: PriceBook
    let wallSeconds: Int64
    let region: Region?

    /// The price at the dearest of these tiers, if a tool makes this number of pictures; nil when the model has no
    /// price.
    func price(_ quantities: HoldQuantities, tiers: [ServiceTier], pictures: Int64) -> Price? {
        let rates = prices.holdRates(
            of: model,
            tiers: tiers,
            promptTokens: quantities.promptTokens,
            writesCacheLong: work.writesCacheLong,
            at: wallSeconds,
            region: region
        )
        return rates.map { Price(amount: quantities.price(at: $0, fees: fees(pictures: pictures)), rates: $0) }
    }
}
