/// How far a charge's amount can be trusted.
public enum Confidence: String, Sendable, CaseIterable {
    /// The provider stated the usage, and every meter had a price.
    case exact
    /// No usage came. The amount is estimated from bytes.
    case estimated
    /// The process ended before the charge did. The amount is what was held for it.
    case interrupted
    /// Usage came, but no price is known for it.
    case unpriced
    /// It may have cost money, and nothing says how much.
    case unmetered
}

/// The record that is written before a request leaves. After a crash it can be read on its own.
public struct ChargeOpening: Hashable, Sendable {
    /// Which charge.
    public var charge: ChargeID
    /// The team that pays.
    public var team: String
    /// The id of the Steelyard key that was presented; empty for none.
    public var key: String
    /// The requested model; `none` when unknown, and as ``ModelNameRule`` accepts it.
    public var model: String
    /// The route template.
    public var endpoint: String
    /// The configured provider name.
    public var provider: String
    /// What its budgets have reserved for it; this grows with a long answer. If the process ends before the charge
    /// does, this is the amount that is charged.
    public var hold: Picodollars
    /// When it was admitted, in seconds since 1970. This decides the price in force and the budget windows.
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

/// The record that is written when the amount of one part of a charge is known. It can be read without its opening.
public struct ChargeSettlement: Hashable, Sendable {
    /// The opening of the charge that it settles.
    public var opening: ChargeOpening
    /// Which part of the charge: 0 is the request itself.
    public var part: Int
    /// The model that is paid for, as ``ModelNameRule`` accepts it.
    public var model: String
    /// What it costs.
    public var cost: Picodollars
    /// How far ``cost`` can be trusted.
    public var confidence: Confidence
    /// Why the amount is not exact, in one word; empty for an exact one.
    public var reason: String
    /// The tier it was priced at.
    public var tier: ServiceTier
    /// `PriceBook.version` of the prices that were used.
    public var priceBook: String
    /// What was metered.
    public var meters: Meters
    /// The provider's own `usage` object, unchanged; empty when none came.
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

/// The record that is written when only a later answer will tell a charge's amount. The hold stays.
public struct ChargeDeferral: Hashable, Sendable {
    /// The charge that waits.
    public var opening: ChargeOpening
    /// The provider's id of the work.
    public var jobID: String
    /// What was requested. It is used for an estimate if nobody ever fetches the result.
    public var work: RequestedWork

    /// Makes a deferral.
    public init(opening: ChargeOpening, jobID: String, work: RequestedWork) {
        self.opening = opening
        self.jobID = jobID
        self.work = work
    }
}

/// One record about a charge. A charge has one opening, and then either one settlement per part or one release. Steps
/// of growth and a deferral may come in between.
public enum ChargeRecord: Hashable, Sendable {
    /// Written before the request leaves.
    case opened(ChargeOpening)
    /// Written when more was reserved for an answer that outgrew its hold: the opening with the new hold.
    case grown(ChargeOpening)
    /// Written when the provider took the work into the background.
    case deferred(ChargeDeferral)
    /// Written before the last piece of the answer goes to the client.
    case settled(ChargeSettlement)
    /// Written when nothing was sent, or the provider refused the request: it costs nothing.
    case released(ChargeID)
}
