/// The highest price of each quantity of a request, over all tiers that may serve it.
struct HoldRates {
    /// Text of the prompt. It may also be written to the cache, and writing costs more than reading.
    private(set) var text = Rate.zero
    /// Images of the prompt.
    private(set) var pictures = Rate.zero
    /// Audio of the prompt.
    private(set) var sound = Rate.zero
    /// A token of the answer, of any kind.
    private(set) var output = Rate.zero
    /// Audio by its length, for models that do not bill audio tokens.
    private(set) var duration = Rate.zero
    /// Text to be spoken.
    private(set) var characters = Rate.zero
    /// An image to be generated.
    private(set) var images = Rate.zero
    /// The factor by which a regional host multiplies token prices.
    let factor: Ratio
    /// Whether the model is declared free at all of the tiers.
    private(set) var isFree = true
    /// Whether anything that is always metered has a price.
    private(set) var isPriced = false

    init(factor: Ratio) { self.factor = factor }

    /// Adds the prices of a tier.
    mutating func merge(_ table: RateTable, writesCacheLong: Bool) {
        text = dearest(text, table[.input], table[.cacheWrite], writesCacheLong ? table[.cacheWriteLong] : nil)
        pictures = dearest(pictures, text, table[.imageInput], nil)
        sound = dearest(sound, text, table[.audioInput], nil)
        output = dearest(output, table[.output], table[.reasoning], table[.audioOutput])
        output = dearest(output, table[.imageOutput], nil, nil)
        if table[.input] == nil { duration = dearest(duration, table[.duration], nil, nil) }
        characters = dearest(characters, table[.characters], nil, nil)
        images = dearest(images, table[.images], nil, nil)
        isFree = isFree && table.isFree
        isPriced = isPriced || Self.always.contains { table[$0] != nil }
    }

    private static let always = [Meter.input, .output, .duration, .characters, .images]

    private func dearest(_ known: Rate, _ first: Rate?, _ second: Rate?, _ third: Rate?) -> Rate {
        var dearest = known
        if let first, first.isDearer(than: dearest) { dearest = first }
        if let second, second.isDearer(than: dearest) { dearest = second }
        if let third, third.isDearer(than: dearest) { dearest = third }
        return dearest
    }

    /// A sum of token prices with the regional uplift, and of other prices without it.
    func rounded(_ tokens: RateSum, plus others: RateSum = RateSum()) -> Picodollars {
        tokens.rounded(times: factor, plus: others).amount
    }
}

extension Rate {
    /// Whether the same quantity costs more at this rate.
    fileprivate func isDearer(than other: Rate) -> Bool {
        if per == other.per { return picodollars > other.picodollars }
        return Int128(picodollars) * Int128(other.per) > Int128(other.picodollars) * Int128(per)
    }
}

extension PriceBook {
    /// The rates for a reservation; nil if the model has no price at that time.
    ///
    /// A prompt that is shorter than the bound can cost more: if a tier has no price for long prompts, they are served
    /// as standard, but shorter ones at the tier's own price.
    ///
    /// - Parameters:
    ///   - tiers: the tiers that may serve the request, including standard.
    ///   - promptTokens: the most tokens that the request's prompt can have.
    func holdRates(
        of model: PricedModel,
        tiers: [ServiceTier],
        promptTokens: Int64,
        writesCacheLong: Bool,
        at unixSeconds: Int64,
        region: Region?
    ) -> HoldRates? {
        guard let sheet = model.sheet(at: unixSeconds) else { return nil }
        var rates = HoldRates(factor: model.factor(in: region) ?? .one)
        for tier in tiers {
            sheet.forEachRate(tier, upTo: promptTokens) { rates.merge($0, writesCacheLong: writesCacheLong) }
        }
        return rates.isPriced ? rates : nil
    }

    /// The highest price of a token of a picture, from the named model. If no model is named, or the name is unknown,
    /// the highest of all models that make pictures.
    func pictureRate(model name: String?, at unixSeconds: Int64) -> Rate? {
        let named = name.flatMap { model(named: $0) }
        let rates = (named.map { [$0] } ?? imageModels).compactMap { model in
            model.sheet(at: unixSeconds)?.band(.standard, promptTokens: 0)?.band.rates
        }
        return rates.compactMap { $0[.imageOutput] ?? $0[.output] }.max { $1.isDearer(than: $0) }
    }

    /// A fee that only some models have; nil for the others.
    func ownFee(_ meter: Meter, of model: PricedModel, at unixSeconds: Int64) -> Rate? {
        model.sheet(at: unixSeconds)?.fees[meter]
    }

    /// The fee of a hosted tool with a model; nil if it has none.
    func fee(_ meter: Meter, of model: PricedModel, at unixSeconds: Int64) -> Rate? {
        ownFee(meter, of: model, at: unixSeconds) ?? tools?.sheet(at: unixSeconds)?.fees[meter]
    }
}
