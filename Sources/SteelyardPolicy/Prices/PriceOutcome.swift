/// What a request cost, or why its cost is not known.
public enum PriceOutcome: Hashable, Sendable {
    /// It cost this.
    case priced(Charge)
    /// The model is declared free, which is not the same as having no price.
    case free(PriceIdentity)
    /// It cost an unknown amount, of at least `atLeast`. Never show it as 0.
    case unpriced(UnpricedReason, atLeast: Picodollars)
}

/// Why a request has no price.
public enum UnpricedReason: Hashable, Sendable {
    /// The book does not know the model.
    case unknownModel
    /// The book has prices for the model only from a later day on.
    case notYetInForce
    /// The request used something that has no price with this model.
    case meterNotPriced(Meter)
    /// One of its tools is a model that the book does not know, or not yet.
    case toolModelNotPriced
}

/// A priced request.
public struct Charge: Hashable, Sendable {
    /// The whole charge: rounded half up to a picodollar, once, after adding and multiplying everything.
    public let total: Picodollars
    /// Its parts, in the order of ``Meter``, before any regional uplift.
    public let lines: [ChargeLine]
    /// The prices that were used.
    public let price: PriceIdentity
    /// The uplift on its token lines; ``Ratio/one`` means none.
    public let uplift: Ratio
    /// Facts about it that are worth counting.
    public let notes: ChargeNotes
}

/// One meter's part of a charge.
public struct ChargeLine: Hashable, Sendable {
    /// What was metered.
    public let meter: Meter
    /// How much of it.
    public let quantity: Int64
    /// The price of one unit.
    public let rate: Rate

    /// The part's own price, rounded half up. Parts are rounded for display: the total is not their sum.
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
    /// The day from which the prices apply; nil: since the model exists.
    public let from: EffectiveDate?
    /// The tier whose row was used.
    public let tier: ServiceTier
    /// The shortest prompt that the row applies to; 0 below every threshold.
    public let bandFirstTokens: Int64
}

/// Facts about a charge that are worth counting.
public struct ChargeNotes: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Makes notes from bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The model has no prices at the tier that served it, or none for such a long prompt: charged as standard.
    public static let tierFallback = ChargeNotes(rawValue: 1)
    /// Regional hosts cost more with this model, but this region's price is not known: charged without uplift.
    public static let regionNotPriced = ChargeNotes(rawValue: 2)
    /// The provider's counts contradicted each other and were capped.
    public static let countsInconsistent = ChargeNotes(rawValue: 4)
    /// The charge is too large for an integer and was clamped.
    public static let clamped = ChargeNotes(rawValue: 8)
    /// The answer named an unknown tier: charged as standard.
    public static let tierUnknown = ChargeNotes(rawValue: 16)
    /// The request's path should cost nothing, but its answer stated a usage.
    public static let freeRoute = ChargeNotes(rawValue: 32)
}
