extension PriceBook {
    /// What a request cost.
    ///
    /// - Parameters:
    ///   - meters: the quantities, disjoint.
    ///   - model: the name that the **answer** gave, otherwise the requested one.
    ///   - tier: the tier that served it, according to the answer.
    ///   - unixSeconds: when the request was admitted; a price change after that does not affect it.
    ///   - region: the data-residency region of the provider's host, if it is one.
    public func cost(
        of meters: Meters,
        model name: String,
        tier: ServiceTier = .standard,
        at unixSeconds: Int64,
        region: Region? = nil
    ) -> PriceOutcome {
        guard let model = model(named: name) else { return .unpriced(.unknownModel, atLeast: .zero) }
        guard let sheet = model.sheet(at: unixSeconds),
            let (band, isFallback) = sheet.band(tier, promptTokens: meters.promptTokens), let rates = band.rates
        else { return .unpriced(.notYetInForce, atLeast: .zero) }
        let factor = model.factor(in: region)
        var bill = Bill(uplift: factor ?? .one)
        if isFallback { bill.notes.insert(.tierFallback) }
        if factor == nil { bill.notes.insert(.regionNotPriced) }
        if meters.isInconsistent { bill.notes.insert(.countsInconsistent) }
        for meter in Meter.allCases where meters[meter] > 0 {
            bill.add(meters[meter], of: meter, at: rate(of: meter, rates, sheet, unixSeconds))
        }
        let identity = PriceIdentity(
            model: model.name,
            from: sheet.from,
            tier: band.tier,
            bandFirstTokens: band.firstTokens
        )
        return bill.outcome(identity, isFree: rates.isFree)
    }

    /// Fees are the model's own, at any tier, or the general ones.
    private func rate(of meter: Meter, _ rates: RateTable, _ sheet: PricedSheet, _ unixSeconds: Int64) -> Rate? {
        guard meter.family == .fees else { return rates[meter] }
        return sheet.fees[meter] ?? tools?.sheet(at: unixSeconds)?.fees[meter]
    }
}

/// A charge while it is added up.
private struct Bill {
    let uplift: Ratio
    var notes: ChargeNotes = []
    private var lines: [ChargeLine] = []
    private var tokens = RateSum()
    /// The part without regional uplift: seconds, characters, images and fees.
    private var others = RateSum()
    private var unpriced: Meter?

    init(uplift: Ratio) { self.uplift = uplift }

    mutating func add(_ quantity: Int64, of meter: Meter, at rate: Rate?) {
        guard let rate else {
            unpriced = unpriced ?? meter
            return
        }
        lines.append(ChargeLine(meter: meter, quantity: quantity, rate: rate))
        if meter.family == .tokens { tokens.add(quantity, at: rate) } else { others.add(quantity, at: rate) }
    }

    func outcome(_ identity: PriceIdentity, isFree: Bool) -> PriceOutcome {
        let total = tokens.rounded(times: uplift, plus: others)
        if let unpriced { return .unpriced(.meterNotPriced(unpriced), atLeast: total.amount) }
        if isFree, total.amount == .zero { return .free(identity) }
        let notes = total.isClamped ? notes.union(.clamped) : notes
        return .priced(Charge(total: total.amount, lines: lines, price: identity, uplift: uplift, notes: notes))
    }
}
