/// Names one charge: an instant and random bits made when its request is admitted, never a client's or provider's id.
public struct ChargeID: Hashable, Sendable {
    /// The upper half.
    public var high: UInt64
    /// The lower half.
    public var low: UInt64

    /// Makes an id of two words, which tell it from every other.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// How far a charge's amount can be trusted.
public enum Confidence: String, Sendable, CaseIterable {
    /// The provider stated the usage and every meter had a price.
    case exact
    /// No usage came; the amount is inferred from bytes.
    case estimated
    /// The process ended before the charge did; the amount is what was held for it.
    case interrupted
    /// Usage came, but no price is known.
    case unpriced
    /// It may have cost money and nothing tells how much.
    case unmetered
}

/// What is written before a request leaves: enough to be read alone after a crash.
public struct ChargeOpening: Hashable, Sendable {
    /// Which charge.
    public var charge: ChargeID
    /// The team that pays.
    public var team: String
    /// The id of the Steelyard key that was presented; empty for none.
    public var key: String
    /// The model asked for; `none` when unknown, and as ``ModelNameRule`` takes it.
    public var model: String
    /// The route template.
    public var endpoint: String
    /// The configured provider name.
    public var provider: String
    /// What its budgets set aside for it, which grows with a long answer; what it is charged if the process ends before it
    /// does.
    public var hold: Picodollars
    /// When it was admitted, in seconds since 1970: decides the price in force and the budget windows.
    public var openedAtSeconds: Int64

    /// Makes an opening.
    public init(
        charge: ChargeID,
        team: String,
        key: String = "",
        model: String,
        endpoint: String,
        provider: String,
        hold: Picodollars = .zero,
        openedAtSeconds: Int64
    ) {
        self.charge = charge
        self.team = team
        self.key = key
        self.model = ModelNameRule.accepted(model)
        self.endpoint = endpoint
        self.provider = provider
        self.hold = hold
        self.openedAtSeconds = openedAtSeconds
    }
}

/// What is written when the amount of one part of a charge is known; enough to be read without its opening.
public struct ChargeSettlement: Hashable, Sendable {
    /// What it settles.
    public var opening: ChargeOpening
    /// Which part of it: 0 for the request itself.
    public var part: Int
    /// The model that is paid for, as ``ModelNameRule`` takes it.
    public var model: String
    /// What it costs.
    public var cost: Picodollars
    /// How far ``cost`` can be trusted.
    public var confidence: Confidence
    /// Why it is not exact, in a word; empty for an exact one.
    public var reason: String
    /// The tier it was priced at.
    public var tier: ServiceTier
    /// `PriceBook.version` of the prices it was made with.
    public var priceBook: String
    /// What was metered.
    public var meters: Meters
    /// The provider's own `usage` object, verbatim; empty when none came.
    public var usage: [UInt8]
    /// When it was settled, in seconds since 1970.
    public var settledAtSeconds: Int64

    /// Which charge.
    public var charge: ChargeID { opening.charge }

    /// Makes a settlement.
    public init(
        opening: ChargeOpening,
        part: Int,
        model: String,
        cost: Picodollars,
        confidence: Confidence,
        reason: String = "",
        tier: ServiceTier = .standard,
        priceBook: String = "",
        meters: Meters = Meters(),
        usage: [UInt8],
        settledAtSeconds: Int64 = 0
    ) {
        self.opening = opening
        self.part = part
        self.model = ModelNameRule.accepted(model)
        self.cost = cost
        self.confidence = confidence
        self.reason = reason
        self.tier = tier
        self.priceBook = priceBook
        self.meters = meters
        self.usage = usage
        self.settledAtSeconds = settledAtSeconds
    }
}

/// What is written when a charge's amount will only be told by a later answer: its hold stays.
public struct ChargeDeferral: Hashable, Sendable {
    /// The charge that waits.
    public var opening: ChargeOpening
    /// The provider's id of the work.
    public var jobID: String
    /// What was asked for, for an estimate if nobody ever asks for the result.
    public var work: RequestedWork

    /// Makes a deferral.
    public init(opening: ChargeOpening, jobID: String, work: RequestedWork) {
        self.opening = opening
        self.jobID = jobID
        self.work = work
    }
}

/// One fact about a charge; a charge has one opening and then one settlement per part or one release, perhaps with steps
/// of growth and a deferral between them.
public enum ChargeRecord: Hashable, Sendable {
    /// Written before the request leaves.
    case opened(ChargeOpening)
    /// Written when more was set aside for an answer that outgrew its hold: the opening with the hold of now.
    case grown(ChargeOpening)
    /// Written when the provider took the work into the background.
    case deferred(ChargeDeferral)
    /// Written before the last piece of the answer goes to the client.
    case settled(ChargeSettlement)
    /// Nothing was sent, or the provider refused it: no money.
    case released(ChargeID)
}
