/// What a request cost, or why that is not known.
public enum PriceOutcome: Hashable, Sendable {
    /// It cost this.
    case priced(Charge)
    /// The model is declared free; not to be taken for a model without a price.
    case free(PriceIdentity)
    /// It cost something, and how much is not known; what is known of it is `atLeast`. Never to be shown as 0.
    case unpriced(UnpricedReason, atLeast: Picodollars)
}

/// Why a request has no price.
public enum UnpricedReason: Hashable, Sendable {
    /// The book does not know the model.
    case unknownModel
    /// The book knows the model only from a later day on.
    case notYetInForce
    /// The request used something the book has no price for with this model.
    case meterNotPriced(Meter)
}

/// A priced request.
public struct Charge: Hashable, Sendable {
    /// The whole charge: rounded half up to a picodollar, once, after everything was added and multiplied.
    public let total: Picodollars
    /// What it is made of, in the order of ``Meter``; before any regional uplift.
    public let lines: [ChargeLine]
    /// The prices it was made with.
    public let price: PriceIdentity
    /// The uplift on its token lines; ``Ratio/one`` for none.
    public let uplift: Ratio
    /// What is worth counting about it.
    public let notes: ChargeNotes
}

/// One meter's part of a charge.
public struct ChargeLine: Hashable, Sendable {
    /// What was metered.
    public let meter: Meter
    /// How much of it.
    public let quantity: Int64
    /// At what price.
    public let rate: Rate

    /// The part's price by itself, rounded half up. Parts are rounded for show: the total is not their sum.
    public var amount: Picodollars {
        var sum = RateSum()
        sum.add(quantity, at: rate)
        return sum.rounded().amount
    }
}

/// Which prices of a book were used.
public struct PriceIdentity: Hashable, Sendable {
    /// The model's own name in the book.
    public let model: String
    /// The day from which the sheet holds; nil: since the model exists.
    public let from: EffectiveDate?
    /// The tier whose row was used.
    public let tier: ServiceTier
    /// The shortest prompt that the row is for; 0 below every threshold.
    public let bandFirstTokens: Int64
}

/// What is worth counting about a charge.
public struct ChargeNotes: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Makes notes from bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The model has no prices at the tier that served it, or none for such a long prompt: charged as standard.
    public static let tierFallback = ChargeNotes(rawValue: 1)
    /// Regional hosts cost more with this model, and this region is not among those known: charged without.
    public static let regionNotPriced = ChargeNotes(rawValue: 2)
    /// The provider's counts contradicted each other and were capped.
    public static let countsInconsistent = ChargeNotes(rawValue: 4)
    /// The charge is larger than fits and was clamped.
    public static let clamped = ChargeNotes(rawValue: 8)
    /// The answer named a tier that is not known: charged as standard.
    public static let tierUnknown = ChargeNotes(rawValue: 16)
}
