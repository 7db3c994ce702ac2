/// Names one charge: 128 random bits made when its request is admitted, never a client's or provider's id.
public struct ChargeID: Hashable, Sendable {
    /// The upper half.
    public var high: UInt64
    /// The lower half.
    public var low: UInt64

    /// Makes an id from random bits.
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
    /// The model asked for; `none` when unknown.
    public var model: String
    /// The route template.
    public var endpoint: String
    /// The configured provider name.
    public var provider: String
    /// When it was admitted, in seconds since 1970: decides the price in force.
    public var openedAtSeconds: Int64

    /// Makes an opening.
    public init(
        charge: ChargeID,
        team: String,
        model: String,
        endpoint: String,
        provider: String,
        openedAtSeconds: Int64
    ) {
        self.charge = charge
        self.team = team
        self.model = model
        self.endpoint = endpoint
        self.provider = provider
        self.openedAtSeconds = openedAtSeconds
    }
}

/// What is written when the amount of one part of a charge is known.
public struct ChargeSettlement: Hashable, Sendable {
    /// Which charge.
    public var charge: ChargeID
    /// Which part of it: 0 for the request itself.
    public var part: Int
    /// The model that is paid for.
    public var model: String
    /// What it costs.
    public var cost: Picodollars
    /// How far ``cost`` can be trusted.
    public var confidence: Confidence
    /// The provider's own `usage` object, verbatim; empty when none came.
    public var usage: [UInt8]

    /// Makes a settlement.
    public init(
        charge: ChargeID,
        part: Int,
        model: String,
        cost: Picodollars,
        confidence: Confidence,
        usage: [UInt8]
    ) {
        self.charge = charge
        self.part = part
        self.model = model
        self.cost = cost
        self.confidence = confidence
        self.usage = usage
    }
}

/// One fact about a charge; a charge has one opening and then one settlement per part or one release.
public enum ChargeRecord: Hashable, Sendable {
    /// Written before the request leaves.
    case opened(ChargeOpening)
    /// Written before the last piece of the answer goes to the client.
    case settled(ChargeSettlement)
    /// Nothing was sent, or the provider refused it: no money.
    case released(ChargeID)
}
