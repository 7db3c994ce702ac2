/// The dearest that each quantity of a request may be priced at, whichever of some tiers serves it.
struct HoldRates {
    private var rates = InlineArray<19, Rate?>(repeating: nil)
    /// What a regional host adds to prices of tokens.
    let factor: Ratio
    /// Whether at every one of the tiers the model is declared free.
    private(set) var isFree = true
    /// Whether anything that is always metered has a price.
    private(set) var isPriced = false

    init(factor: Ratio) { self.factor = factor }

    /// Takes in the prices of a tier.
    mutating func merge(_ table: RateTable) {
        isFree = isFree && table.isFree
        for meter in Meter.allCases { merge(table[meter], of: meter) }
        isPriced = isPriced || [.input, .output, .duration, .characters, .images].contains { table[$0] != nil }
    }

    /// Takes in a price.
    mutating func merge(_ rate: Rate?, of meter: Meter) {
        guard let rate else { return }
        let place = Int(meter.rawValue)
        if let known = rates[place], !rate.isDearer(than: known) { return }
        rates[place] = rate
    }

    /// The rate of a quantity that may be metered under any of several names: the dearest.
    func dearest(_ meters: Meter...) -> Rate {
        meters.reduce(.zero) { dearest, meter in
            guard let rate = rates[Int(meter.rawValue)], rate.isDearer(than: dearest) else { return dearest }
            return rate
        }
    }

    /// What a token of output costs at most, whatever it turns out to be.
    var dearestOutput: Rate { dearest(.output, .reasoning, .audioOutput, .imageOutput) }

    /// A sum of token prices with the region's uplift, and of others without.
    func rounded(_ tokens: RateSum, plus others: RateSum = RateSum()) -> Picodollars {
        tokens.rounded(times: factor, plus: others).amount
    }
}

extension Rate {
    /// Whether the same quantity costs more.
    func isDearer(than other: Rate) -> Bool {
        Int128(picodollars) * Int128(other.per) > Int128(other.picodollars) * Int128(per)
    }
}

extension PriceBook {
    /// The rates to set money aside at; nil for a model that has no price then.
    ///
    /// - Parameter promptTokens: decides the band of long prompts.
    func holdRates(
        of model: PricedModel,
        tiers: [ServiceTier],
        promptTokens: Int64,
        at unixSeconds: Int64,
        region: Region?
    ) -> HoldRates? {
        guard let sheet = model.sheet(at: unixSeconds) else { return nil }
        var rates = HoldRates(factor: model.factor(in: region) ?? .one)
        for tier in tiers {
            guard let table = sheet.band(tier, promptTokens: promptTokens)?.band.rates else { continue }
            rates.merge(table)
        }
        for fee in Meter.allCases where fee.family == .fees {
            rates.merge(sheet.fees[fee] ?? tools?.sheet(at: unixSeconds)?.fees[fee], of: fee)
        }
        return rates.isPriced ? rates : nil
    }
}
