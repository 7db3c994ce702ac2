/// One model of a price book, prepared for look-ups.
struct PricedModel: Sendable {
    let name: String
    let uplift: RegionalUplift?
    let maxInputTokens: Int64?
    let maxOutputTokens: Int64?
    let reasonsUnseen: Bool
    /// Whether any of its prices is for sound or pictures in answers.
    let pricesMedia: Bool
    private let sheets: [PricedSheet]

    init(_ model: ModelPrices) {
        name = model.names[0].text
        uplift = model.uplift
        maxInputTokens = model.maxInputTokens
        maxOutputTokens = model.maxOutputTokens
        reasonsUnseen = model.reasonsUnseen
        pricesMedia = model.sheets.contains { $0.rows.contains { $0.pricesMedia() } }
        sheets = model.sheets.map(PricedSheet.init)
    }

    /// The price list that applies at an instant (seconds since 1970); nil before the first.
    func sheet(at unixSeconds: Int64) -> PricedSheet? {
        sheets.last { $0.from.map { $0.unixSeconds <= unixSeconds } ?? true }
    }

    /// The factor of a region on token prices; nil if the model has an uplift, but not for this region.
    func factor(in region: Region?) -> Ratio? {
        guard let region, let uplift else { return .one }
        return uplift.regions.contains(region) ? uplift.factor : nil
    }
}

/// The prices of one model from one day on.
struct PricedSheet: Sendable {
    let from: EffectiveDate?
    /// The rows of all tiers, longest prompts first.
    private let bands: [PriceBand]
    /// The model's own fees.
    let fees: RateTable

    init(_ sheet: PriceSheet) {
        from = sheet.from
        bands = sheet.rows.map(PriceBand.init).sorted { $0.firstTokens > $1.firstTokens }
        fees = bands.last { $0.tier == .standard }?.rates ?? RateTable([:])
    }

    /// The band for a prompt of this length, and whether it is the standard one because the tier has none.
    func band(_ tier: ServiceTier, promptTokens: Int64) -> (band: PriceBand, isFallback: Bool)? {
        if let own = ownBand(tier, promptTokens), own.rates != nil { return (own, false) }
        return ownBand(.standard, promptTokens).map { ($0, true) }
    }

    /// Calls `body` with all prices that a request of at most that many prompt tokens may have at a tier, if the tier
    /// has its own.
    func forEachRate(_ tier: ServiceTier, upTo promptTokens: Int64, _ body: (RateTable) -> Void) {
        for band in bands where band.tier == tier && band.firstTokens <= promptTokens {
            if let rates = band.rates { body(rates) }
        }
    }

    private func ownBand(_ tier: ServiceTier, _ promptTokens: Int64) -> PriceBand? {
        bands.first { $0.tier == tier && $0.firstTokens <= promptTokens }
    }
}

/// The prices of one tier for prompts of one length.
struct PriceBand: Sendable {
    let tier: ServiceTier
    /// The shortest prompt that it applies to; 0 for the band below every threshold.
    let firstTokens: Int64
    /// Nil: served, and billed, as standard.
    let rates: RateTable?

    init(_ row: PriceRow) {
        tier = row.tier
        firstTokens = row.threshold?.firstTokens ?? 0
        rates = row.prices.map(RateTable.init)
    }
}

extension PriceRow {
    /// Whether it has a price for sound or pictures in answers.
    // Its own function, and not a closure over an optional dictionary: swift 6.3.1 crashes when it optimizes that
    // ("Found outside of lifetime use", CopyPropagation, in `PriceBook.init`).
    @inline(never)
    fileprivate func pricesMedia() -> Bool {
        guard let prices else { return false }
        return Set(prices.keys).isDisjoint(with: Self.mediaMeters) == false
    }

    private static let mediaMeters: Set<Meter> = [.audioOutput, .imageOutput, .images, .characters]
}
