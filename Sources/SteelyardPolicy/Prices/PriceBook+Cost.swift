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
        for work in meters.toolWork { add(work, to: &bill, unixSeconds, region) }
        let identity = PriceIdentity(
            model: model.name,
            from: sheet.from,
            tier: band.tier,
            bandFirstTokens: band.firstTokens
        )
        return bill.outcome(identity, isFree: rates.isFree)
    }

    /// A tool's model is billed like a plain request to that model: the tier and the long prompt of the request that
    /// used the tool do not apply to it.
    private func add(_ work: ToolWork, to bill: inout Bill, _ unixSeconds: Int64, _ region: Region?) {
        guard let model = model(named: work.model),
            let band = model.sheet(at: unixSeconds)?.band(.standard, promptTokens: work.meters.promptTokens)?.band,
            let rates = band.rates
        else { return bill.miss(.toolModelNotPriced) }
        let factor = model.factor(in: region)
        if factor == nil { bill.notes.insert(.regionNotPriced) }
        if work.meters.isInconsistent { bill.notes.insert(.countsInconsistent) }
        for meter in Meter.allCases where work.meters[meter] > 0 {
            bill.add(work.meters[meter], of: meter, at: rates[meter], uplift: factor ?? .one)
        }
    }

    /// A fee is the model's own, at any tier, or otherwise the general one.
    private func rate(of meter: Meter, _ rates: RateTable, _ sheet: PricedSheet, _ unixSeconds: Int64) -> Rate? {
        guard meter.family == .fees else { return rates[meter] }
        return sheet.fees[meter] ?? tools?.sheet(at: unixSeconds)?.fees[meter]
    }
}

/// A charge while its parts are being added.
private struct Bill {
    let uplift: Ratio
    var notes: ChargeNotes = []
    private var lines: [ChargeLine] = []
    private var tokens = RateSum()
    /// The part without regional uplift: seconds, characters, images and fees.
    private var others = RateSum()
    /// Tokens of tools with a different uplift. Each sum is rounded separately, because one rounding has one factor.
    private var lifted: [(factor: Ratio, sum: RateSum)] = []
    private var unpriced: UnpricedReason?

    init(uplift: Ratio) { self.uplift = uplift }

    /// Notes that something has no price. Only the first reason is reported.
    mutating func miss(_ reason: UnpricedReason) { unpriced = unpriced ?? reason }

    /// Adds a quantity. `uplift` applies to tokens; nil: the bill's own uplift.
    mutating func add(_ quantity: Int64, of meter: Meter, at rate: Rate?, uplift own: Ratio? = nil) {
        guard let rate else { return miss(.meterNotPriced(meter)) }
        lines.append(ChargeLine(meter: meter, quantity: quantity, rate: rate))
        let factor = meter.family == .tokens ? own ?? uplift : .one
        if factor == .one {
            others.add(quantity, at: rate)
        } else if factor == uplift {
            tokens.add(quantity, at: rate)
        } else {
            var sum = RateSum()
            sum.add(quantity, at: rate)
            lifted.append((factor, sum))
        }
    }

    private var total: RoundedSum {
        lifted.reduce(tokens.rounded(times: uplift, plus: others)) { $0 + $1.sum.rounded(times: $1.factor) }
    }

    func outcome(_ identity: PriceIdentity, isFree: Bool) -> PriceOutcome {
        let total = total
        if let unpriced { return .unpriced(unpriced, atLeast: total.amount) }
        if isFree, total.amount == .zero { return .free(identity) }
        let notes = total.isClamped ? notes.union(.clamped) : notes
        return .priced(Charge(total: total.amount, lines: lines, price: identity, uplift: uplift, notes: notes))
    }
}
